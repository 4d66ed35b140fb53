-- Three years of a county or of the country, made set-wise: the same seed, size and day make the same rows.
-- Every draw is `dice(key, salt)`, a hash between 0 and 1, so that no row depends on the order in which rows are made.
CREATE FUNCTION pg_temp.dice(bigint, int) RETURNS float8 LANGUAGE sql IMMUTABLE AS
    'SELECT (hashint8extended($1, $2 + %(seed)s * 1000) & 2147483647) / 2147483648.0::float8';
CREATE FUNCTION pg_temp.pick(text[], bigint, int) RETURNS text LANGUAGE sql IMMUTABLE AS
    'SELECT $1[1 + floor(pg_temp.dice($2, $3) * cardinality($1))::int]';
CREATE FUNCTION pg_temp.name_of(bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_temp.pick(%(surnames)s, $1, 1) || pg_temp.pick(%(given)s, $1, 2) $$;

-- Who there is. The yardstick school, unit 1, has the same people and courses in every set.
INSERT INTO accounts_county (id, name) SELECT n, name FROM unnest(%(counties)s) WITH ORDINALITY AS county (name, n);

CREATE TEMP TABLE place AS
SELECT n AS id,
    CASE WHEN n = 1 THEN '134526' ELSE (700000 + n)::text END AS code,
    county.id AS county_id,
    CASE WHEN n = 1 THEN '縣立南州國中' ELSE left(county.name, 2) || pg_temp.pick(%(schools)s, n, 3) || '國小' END AS name,
    CASE WHEN n = 1 THEN 1 ELSE %(school_teachers)s + 1 + (n - 2) * %(staff)s END AS first_person,
    CASE WHEN n = 1 THEN %(school_teachers)s ELSE %(staff)s END AS people,
    -- How often a course is not closed in time: few schools forget much.
    CASE WHEN n = 1 THEN 0.02 WHEN pg_temp.dice(n, 4) < 0.85 THEN 0.002 WHEN pg_temp.dice(n, 4) < 0.95 THEN 0.05 ELSE 0.4 END AS forgets
FROM generate_series(1, %(units)s) AS n
JOIN accounts_county AS county ON county.name = CASE
    WHEN n = 1 OR NOT %(nation)s THEN %(home)s
    ELSE (%(counties)s::text[])[1 + (n - 2) * cardinality(%(counties)s) / (%(units)s - 1)] END;

-- The offices of the counties, with one officer each, and the operator: units and people after the last school's.
CREATE TEMP TABLE office AS
SELECT row_number() OVER (ORDER BY county.id NULLS LAST) AS n, *
FROM (
    SELECT id, id AS county_id, '39' || lpad(id::text, 4, '0') AS code, 'county_office' AS kind, name || '政府教育處' AS name, 'county_officer' AS role
    FROM accounts_county WHERE %(nation)s OR name = %(home)s
    UNION ALL
    SELECT NULL, id, '390000', 'operator', '全國教師在職進修資訊網', 'operator' FROM accounts_county WHERE name = %(home)s
) AS county;

INSERT INTO accounts_unit (id, code, level, kind, name, county_id)
SELECT id, code, CASE id WHEN 1 THEN 'junior_high' ELSE 'elementary' END, 'school', name, county_id FROM place
UNION ALL SELECT %(units)s + n, code, 'none', kind, name, county_id FROM office;

CREATE TEMP TABLE person AS
SELECT first_person + k AS id, place.id AS unit_id, 40 AS rank FROM place, generate_series(0, people - 1) AS k
UNION ALL
SELECT (SELECT max(first_person + people) FROM place) - 1 + n, %(units)s + n, 20 FROM office;

-- The password is fresh on the day of the load, so that business hats may be worn.
INSERT INTO accounts_user (id, email, name, password, date_joined, password_changed_at)
SELECT id, 't' || id || '@bench.example', pg_temp.name_of(id), %(password)s, %(today)s - 900, %(today)s FROM person;
INSERT INTO account_emailaddress (id, user_id, email, verified, "primary")
SELECT id, id, 't' || id || '@bench.example', true, true FROM person;
INSERT INTO accounts_affiliation (id, user_id, unit_id, title, rank) SELECT id, id, unit_id, '教師', rank FROM person;

-- Of each school: the lead, three handlers, and an account of the lead that has ended.
INSERT INTO accounts_businessaccount (id, number, user_id, unit_id, role, valid_from, valid_until, created_at, ended_at)
SELECT (place.id - 1) * 5 + k, code || '-' || lpad(k::text, 3, '0'), first_person + CASE k WHEN 5 THEN 0 ELSE k - 1 END, place.id,
    CASE k WHEN 1 THEN 'unit_lead' ELSE 'handler' END, %(today)s - 850, CASE k WHEN 5 THEN %(today)s - 300 END, %(today)s - 850,
    CASE k WHEN 5 THEN %(today)s - 300 END
FROM place, generate_series(1, 5) AS k
UNION ALL
SELECT %(units)s * 5 + n, code || '-001', person.id, %(units)s + n, role, %(today)s - 850, NULL, %(today)s - 850, NULL
FROM office JOIN person ON person.unit_id = %(units)s + n;
INSERT INTO accounts_counter (name, last)
SELECT 'account:' || code, 5 FROM place UNION ALL SELECT 'account:' || code, 1 FROM office;

-- What happened: courses spread evenly over the days, the last two months of them ahead.
CREATE TEMP TABLE made AS
SELECT number AS id, unit_id, place.code AS unit_code, place.county_id, place.name AS unit_name,
    (unit_id - 1) * 5 + k AS account_id, first_person + k - 1 AS handler_id,
    pg_temp.pick(%(subjects)s, number, 10) || pg_temp.pick(%(kinds)s, number, 11) || pg_temp.pick(%(steps)s, number, 12) AS title,
    starts_on, starts_on + greatest(0, floor(pg_temp.dice(number, 13) * 6)::int - 3) AS ends_on,
    pg_temp.pick('{2,3,3,3,6}', number, 14)::int AS hours, pg_temp.pick('{20,30,30,40,40,50,60,100}', number, 15)::int AS capacity,
    pg_temp.dice(number, 16) < 0.25 AS is_review, forgets, mean, 'registered' AS state, NULL::date AS closed_on
FROM (
    SELECT n AS number, 1 AS unit_id, %(first_day)s + (n - 1) * %(days)s / %(school_courses)s AS starts_on,
        %(school_enrolments)s::float8 / %(school_courses)s AS mean
    FROM generate_series(1, %(school_courses)s) AS n
    UNION ALL
    -- The last two months lie ahead and are half empty: the others bear a little more.
    SELECT %(school_courses)s + n, 2 + floor(pg_temp.dice(n, 17) * (%(units)s - 1))::int,
        %(first_day)s + ((n - 1)::bigint * %(days)s / greatest(%(courses)s, 1))::int, 1.05 * %(enrolments)s / greatest(%(courses)s, 1)
    FROM generate_series(1, %(courses)s) AS n
) AS planned
JOIN place ON place.id = unit_id
CROSS JOIN LATERAL (SELECT 2 + floor(pg_temp.dice(number, 18) * 3)::int AS k) AS handler;

-- Withdrawn, closed on some day before today, or still open, as its unit's people are. Of last year little is left.
UPDATE made SET state = 'withdrawn' WHERE pg_temp.dice(id, 20) < 0.015;
UPDATE made SET state = 'closed',
    closed_on = ends_on + 1 + floor(pg_temp.dice(id, 21) * least(%(today)s - ends_on - 1, 28))::int
WHERE state = 'registered' AND %(today)s - ends_on >= 2 AND (%(today)s - ends_on >= 30 OR pg_temp.dice(id, 22) < 0.5)
    AND pg_temp.dice(id, 23) >= CASE WHEN extract(year FROM ends_on) = extract(year FROM %(today)s) THEN forgets ELSE 0.002 END;

-- How many enrol is log-normal around the mean. Schools draw from their county's people, the yardstick school from its own.
CREATE TEMP TABLE demand AS
SELECT made.*, first_one, around, CASE
    WHEN starts_on - 30 > %(today)s THEN 0
    WHEN starts_on <= %(today)s THEN drawn
    ELSE drawn * (%(today)s - starts_on + 30) / 30 END AS wanted
FROM made
JOIN (
    SELECT id = 1 AS is_school, county_id, min(first_person) AS first_one, sum(people)::int AS around
    FROM place GROUP BY id = 1, county_id
) AS reach ON reach.county_id = made.county_id AND is_school = (unit_id = 1)
CROSS JOIN LATERAL (
    SELECT least(400, around, round(exp(ln(greatest(mean, 1)) - 0.32 + 0.8 * sqrt(-2 * ln(1 - pg_temp.dice(made.id, 30)))
        * cos(2 * pi() * pg_temp.dice(made.id, 31))) + 0.35))::int AS drawn
) AS draw;

-- Who enrolled: a walk through the people in steps of a prime meets nobody twice. Then what the places and the organiser made of it.
CREATE TEMP TABLE enrolled AS
SELECT id, course_id, user_id, enrolled_at,
    CASE
        WHEN state = 'withdrawn' THEN CASE admission WHEN 'declined' THEN 'declined' ELSE 'cancelled' END
        WHEN state <> 'closed' OR admission IN ('cancelled', 'declined') THEN admission
        WHEN admission <> 'admitted' THEN CASE WHEN outcome < 0.05 THEN 'attended' ELSE 'declined' END
        WHEN outcome < 0.89 THEN 'attended' WHEN outcome < 0.96 THEN 'absent' ELSE 'excused'
    END AS state,
    -- Now and then somebody comes without a place.
    state = 'closed' AND admission IN ('waitlisted', 'applied') AND outcome < 0.05 AS walk_in
FROM (
    SELECT *, pg_temp.dice(id, 41) AS outcome, CASE
        WHEN chance < 0.06 THEN 'cancelled'
        WHEN is_review AND starts_on > %(today)s AND chance < 0.5 THEN 'applied'
        WHEN count(*) FILTER (WHERE chance >= 0.06 AND NOT (is_review AND starts_on > %(today)s AND chance < 0.5))
            OVER (PARTITION BY course_id ORDER BY id) <= capacity THEN 'admitted'
        WHEN is_review THEN 'declined' ELSE 'waitlisted' END AS admission
    FROM (
        SELECT demand.id * 1000 + k AS id, demand.id AS course_id, state, is_review, starts_on, capacity,
            first_one + ((floor(pg_temp.dice(demand.id, 42) * around)::bigint + k * 7919) %% around)::int AS user_id,
            pg_temp.dice(demand.id * 1000 + k, 40) AS chance,
            least(starts_on - 8 - floor(pg_temp.dice(demand.id * 1000 + k, 43) * 22)::int, %(today)s - 1)
                + interval '1 second' * floor(pg_temp.dice(demand.id * 1000 + k, 44) * 36000) AS enrolled_at
        FROM demand, generate_series(0, wanted - 1) AS k
    ) AS asked
) AS decided;

CREATE TEMP TABLE tally AS
SELECT made.id,
    count(*) FILTER (WHERE enrolled.state IN ('admitted', 'attended', 'absent', 'excused') AND NOT walk_in) AS seats,
    count(*) FILTER (WHERE enrolled.state = 'attended') AS attended, count(*) FILTER (WHERE enrolled.state = 'absent') AS absent,
    count(*) FILTER (WHERE enrolled.state = 'excused') AS excused, count(*) FILTER (WHERE walk_in) AS walk_ins
FROM made LEFT JOIN enrolled ON course_id = made.id GROUP BY made.id;

INSERT INTO courses_course (id, code, unit_id, handler_id, state, title, search_text, approval_number, summary, outline, audience, materials,
    method, nature_id, place, hours, capacity, seats_taken, admission, enrol_from, enrol_until, contact_name, contact_phone, starts_on, ends_on,
    ends_at, year, created_at, registered_at, closed_at, withdrawn_at, withdrawn_by_id, withdrawal_reason)
SELECT id, (%(first_code)s + id - 1)::text, unit_id, account_id, state, title,
    lower(concat_ws(' ', %(first_code)s + id - 1, title, unit_name, %(summary)s, pg_temp.name_of(id * 7))), '無文號', %(summary)s,
    '一、理念與法規' || chr(10) || '二、案例分享' || chr(10) || '三、分組實作', '各級學校教師', '講師自編講義', '講授', id %% 27 + 1,
    unit_name || '視聽教室', hours, capacity, CASE state WHEN 'withdrawn' THEN 0 ELSE seats END,
    CASE WHEN is_review THEN 'review' ELSE 'automatic' END, starts_on - 30, starts_on - 1, pg_temp.name_of(handler_id), '08-8642009#12',
    starts_on, ends_on, ends_on + interval '8 hours 30 minutes', extract(year FROM ends_on) - %(roc)s, starts_on - 30, starts_on - 30,
    closed_on + interval '2 hours', CASE state WHEN 'withdrawn' THEN starts_on - 30 END, CASE state WHEN 'withdrawn' THEN handler_id END,
    CASE state WHEN 'withdrawn' THEN 'not_held' ELSE '' END
FROM made JOIN tally USING (id);
INSERT INTO courses_session (course_id, starts_at, ends_at)
SELECT id, starts_on + k + interval '5 hours 30 minutes', starts_on + k + interval '8 hours 30 minutes'
FROM made, generate_series(0, ends_on - starts_on) AS k;
INSERT INTO courses_instructor (course_id, name, organisation) SELECT id, pg_temp.name_of(id * 7), '國立屏東大學' FROM made;
INSERT INTO courses_course_stages (course_id, stage_id) SELECT id, id %% 12 + 1 FROM made;
INSERT INTO courses_course_tags (course_id, tag_id) SELECT id, id %% 12 + 1 FROM made;
INSERT INTO courses_enrolment (id, course_id, user_id, unit_id, state, walk_in, enrolled_at)
SELECT enrolled.id, course_id, user_id, unit_id, enrolled.state, walk_in, enrolled_at FROM enrolled JOIN made ON made.id = course_id;

-- What came of it: closings, hours (now and then corrected), the inbox of the last two months, the record.
INSERT INTO hours_closing (id, course_id, request_key, closed_by_id, account_id, closed_at, attended, absent, excused, walk_ins, hours_total)
SELECT id, id, 'bench-' || id, handler_id, account_id, closed_on + interval '2 hours', attended, absent, excused, walk_ins, attended * hours
FROM made JOIN tally USING (id) WHERE state = 'closed';
INSERT INTO hours_hourcredit (id, enrolment_id, course_id, user_id, kind, hours, reason, issued_by_id, issued_at)
SELECT 2 * enrolled.id + k, enrolled.id, course_id, user_id, CASE k WHEN 0 THEN 'issued' ELSE 'corrected' END,
    CASE k WHEN 0 THEN hours ELSE -0.5 END, CASE k WHEN 0 THEN '' ELSE '提早離開' END, handler_id, closed_on + interval '1 hour' * (2 + k)
FROM enrolled JOIN made ON made.id = course_id, generate_series(0, (pg_temp.dice(enrolled.id, 50) < 0.005)::int) AS k
WHERE enrolled.state = 'attended';
INSERT INTO notices_notice (key, kind, recipient_id, subject, body, path, object_ref, created_at, read_at, by_mail)
SELECT 'hours_issued:' || user_id || ':course:' || course_id, 'hours_issued', user_id, '已核發時數 ' || title,
    '您參加的研習已核發 ' || hours || ' 小時。', '/me/', 'course:' || course_id, closed_on + interval '2 hours',
    CASE WHEN pg_temp.dice(enrolled.id, 51) >= 0.2 THEN closed_on + interval '3 hours' END, false
FROM enrolled JOIN made ON made.id = course_id WHERE enrolled.state = 'attended' AND %(today)s - closed_on <= 60;
INSERT INTO audit_auditevent (id, at, actor_id, actor_label, hat, action, object_type, object_id, object_label, unit_id, after)
SELECT id * 1200 + k, CASE k WHEN 1 THEN starts_on - 30 + interval '1 hour' ELSE closed_on + interval '2 hours' END, handler_id,
    pg_temp.name_of(handler_id), 'handler ' || unit_code, CASE k WHEN 1 THEN 'course.register' ELSE 'course.close' END, 'courses.course',
    id::text, %(first_code)s + id - 1 || ' ' || title, unit_id, jsonb_build_object('state', CASE k WHEN 1 THEN 'registered' ELSE 'closed' END)
FROM made, generate_series(1, CASE state WHEN 'closed' THEN 2 ELSE 1 END) AS k
UNION ALL
SELECT course_id * 1200 + 100 + enrolled.id %% 1000, enrolled_at, user_id, pg_temp.name_of(user_id), 'teacher', 'enrolment.enrol',
    'courses.enrolment', enrolled.id::text, %(first_code)s + course_id - 1 || ' ' || title, unit_id, jsonb_build_object('state', 'admitted')
FROM enrolled JOIN made ON made.id = course_id;

DROP TABLE place, office, person, made, demand, enrolled, tally;
DROP FUNCTION pg_temp.name_of, pg_temp.pick, pg_temp.dice;
