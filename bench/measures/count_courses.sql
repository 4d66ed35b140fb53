SELECT unit_id,
       count(*) FILTER (WHERE ends_on < %(late)s) AS overdue,
       count(*) AS unclosed,
       min(ends_on) FILTER (WHERE ends_on <= %(day)s) AS oldest
FROM courses_course WHERE state = 'registered' AND year = %(year)s {units} GROUP BY unit_id
