"""Enrolling as plain SQL: what our own view sends (`tests/bench/test_same_statements.py` compares them)."""

import json
import uuid

from django.contrib.auth.decorators import login_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST

FACTS = """
SELECT course.id, course.code, course.title, course.unit_id, course.state, course.starts_on, course.ends_at, course.postponed_at,
    course.enrol_from, course.enrol_until, course.admission, course.waiting_list, course.capacity, course.seats_taken, course.seats_kept,
    course.open_to, course.only_stages, course.only_titles, known.id AS known_id, known.state AS known_state,
    (SELECT unit_id FROM accounts_affiliation WHERE user_id = %(user)s AND (since IS NULL OR since <= %(day)s)
        AND (until IS NULL OR until >= %(day)s) ORDER BY rank, id LIMIT 1) AS serves_at,
    EXISTS (SELECT 1 FROM courses_enrolment WHERE course_id = course.id AND state = 'waitlisted') AS is_awaited,
    EXISTS (SELECT 1 FROM courses_question WHERE course_id = course.id) AS has_questions,
    EXISTS (SELECT 1 FROM accounts_user AS other JOIN courses_enrolment AS twin ON twin.user_id = other.id
        WHERE other.merged_into_id = %(user)s AND twin.course_id = course.id AND twin.state <> 'cancelled') AS has_twin,
    EXISTS (SELECT 1 FROM courses_coursehelper AS helper JOIN accounts_user AS named ON named.id = helper.user_id
        WHERE helper.course_id = course.id AND (named.id = %(user)s OR named.merged_into_id = %(user)s)) AS is_helper
FROM courses_course AS course LEFT JOIN courses_enrolment AS known ON known.course_id = course.id AND known.user_id = %(user)s
WHERE course.code = %(code)s AND course.state <> 'draft'
"""
CLAIM = """
UPDATE courses_course SET seats_taken = seats_taken + 1
WHERE id = %s AND state = 'registered' AND admission = 'automatic' AND seats_taken < capacity - seats_kept
    AND open_to = 'all' AND NOT only_stages AND NOT only_titles
"""
QUEUE = "SELECT pg_advisory_xact_lock_shared(9, %s)"
SEATS = (
    "SELECT state, admission, capacity - seats_taken - seats_kept, open_to <> 'all' OR only_stages OR only_titles"
    " FROM courses_course WHERE id = %s"
)
HELPER = """
SELECT participation FROM courses_coursehelper
WHERE course_id = %s AND user_id IN (SELECT id FROM accounts_user WHERE id = %s OR merged_into_id = %s)
ORDER BY participation, named_at, id LIMIT 1
"""
ENROLMENT = """
INSERT INTO courses_enrolment (course_id, user_id, unit_id, state, quota_id, walk_in, participation, enrolled_at, decided_at, cause, note)
VALUES (%s, %s, %s, %s, NULL, false, 'participant', %s, NULL, '', '') RETURNING id
"""
EVENT = """
INSERT INTO audit_auditevent (kind, at, actor_id, actor_label, hat, action, object_type, object_id, object_label, unit_id, reason, before,
    after, request_id, address, proof, block)
VALUES ('act', %s, %s, %s, 'teacher', 'enrolment.enrol', 'courses.enrolment', %s, %s, %s, '', '{}', %s, %s, %s, '', NULL) RETURNING id
"""
NOTICE = """
INSERT INTO notices_notice (key, kind, category, recipient_id, address, in_inbox, language, subject, body, path, link, object_ref, refs,
    sent_by, created_at, read_at, by_mail, mailed_at, attempts, last_error, failing_since, given_up_at, expires_at, claim, held_until)
VALUES (%s, 'enrolled', 'enrolment', %s, '', true, '', %s, %s, %s, '', %s, %s, '', %s, NULL, true, NULL, 0, '', NULL, NULL, NULL, NULL, NULL)
ON CONFLICT (key) DO NOTHING RETURNING key, id
"""


@require_POST
@login_required
@transaction.atomic
def same(request: HttpRequest, code: str) -> HttpResponse:
    person, now = request.user, timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(FACTS, {"user": person.pk, "day": timezone.localdate(), "code": code})
        course = dict(zip((column.name for column in cursor.description), cursor.fetchone(), strict=True))
        held = not course["is_awaited"] and course["capacity"] > course["seats_taken"] + course["seats_kept"]
        if held:
            cursor.execute(CLAIM, [course["id"]])
            held = bool(cursor.rowcount)
        if not held:
            cursor.execute(QUEUE, [course["id"]])
            cursor.execute(SEATS, [course["id"]])
        cursor.execute(HELPER, [course["id"], person.pk, person.pk])
        state = "admitted" if held else "waitlisted"
        cursor.execute(ENROLMENT, [course["id"], person.pk, course["serves_at"], state, now])
        row = cursor.fetchone()[0]
        title, after = f"{code} {course['title']}", json.dumps({"state": state})
        event = [now, person.pk, person.name, row, f"{person.name} → {title}", course["unit_id"], after]
        cursor.execute(EVENT, [*event, uuid.uuid4().hex, request.META["REMOTE_ADDR"]])
        key = f"enrolled:{person.pk}:enrolment:{row}:event:{cursor.fetchone()[0]}"
        text, refs = f"{state} {title}\n\n{course['starts_on']:%Y-%m-%d}", json.dumps([f"state:{state}"])
        about = [f"{state} {title}", text, "/catalogue/", f"enrolment:{row}", refs, now]
        cursor.execute(NOTICE, [key, person.pk, *about])
    return HttpResponseRedirect(f"/catalogue/{code}/")


urlpatterns = [path("same/<str:code>/", same)]
