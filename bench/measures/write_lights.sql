WITH counted AS (
    SELECT u.id AS unit_id, coalesce(c.overdue, 0) AS overdue, coalesce(c.unclosed, 0) AS unclosed, c.oldest
    FROM accounts_unit u LEFT JOIN ({count}) c ON c.unit_id = u.id
), lit AS (
    SELECT *, CASE WHEN overdue >= 5 THEN 'red' WHEN overdue >= 1 THEN 'yellow' ELSE 'green' END AS colour FROM counted
), held AS (
    SELECT id, unit_id, colour FROM courses_unitlight WHERE year = %(year)s
), written AS (
    INSERT INTO courses_unitlight (unit_id, year, colour, overdue, unclosed, oldest_ended_on, registration_open, computed_at)
    SELECT unit_id, %(year)s, colour, overdue, unclosed, oldest, colour <> 'red', now() FROM lit
    ON CONFLICT (unit_id, year) DO UPDATE SET
        colour = excluded.colour, overdue = excluded.overdue, unclosed = excluded.unclosed, oldest_ended_on = excluded.oldest_ended_on,
        registration_open = excluded.registration_open, computed_at = excluded.computed_at,
        changed_at = CASE WHEN courses_unitlight.colour <> excluded.colour THEN now() ELSE courses_unitlight.changed_at END
)
INSERT INTO courses_lightchange (unit_id, year, before, after, overdue, cause, at)
SELECT lit.unit_id, %(year)s, held.colour, lit.colour, lit.overdue, 'job', now()
FROM lit JOIN held USING (unit_id) WHERE held.colour <> lit.colour
