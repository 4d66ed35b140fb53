UPDATE courses_enrolment SET state = 'attended' WHERE course_id = %(course)s AND state = 'admitted';
UPDATE courses_course SET state = 'closed', closed_at = now(), version = version + 1 WHERE id = %(course)s;
INSERT INTO hours_closing (course_id, request_key, closed_by_id, account_id, closed_at, attended, absent, excused, walk_ins, hours_total)
    SELECT id, 'key', %(user)s, handler_id, now(), %(people)s, 0, 0, 0, 3 * %(people)s FROM courses_course WHERE id = %(course)s;
INSERT INTO hours_hourcredit (enrolment_id, course_id, user_id, kind, hours, reason, issued_by_id, issued_at)
    SELECT id, course_id, user_id, 'issued', 3, '', %(user)s, now() FROM courses_enrolment WHERE course_id = %(course)s;
INSERT INTO audit_auditevent (kind, at, actor_id, actor_label, hat, action, object_type, object_id, object_label, unit_id, reason,
    before, after, request_id, address)
    VALUES ('act', now(), %(user)s, 'x', 'handler', 'course.close', 'courses.course', %(course)s, 'x', 1, '', '{}', '{}', '', '');
