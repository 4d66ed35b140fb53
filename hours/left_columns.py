"""What release 1.0 reads of hours until its last process has ended (`kit.beside`)."""

from kit.beside import LeftColumn

# 1.0 names the enrolment of an objection, later releases its course and person. Each writes its own; the trigger adds the others.
_NAMES_BOTH = """
CREATE OR REPLACE FUNCTION hours_objection_names_both() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.course_id IS NULL OR NEW.user_id IS NULL THEN
    SELECT course_id, user_id INTO NEW.course_id, NEW.user_id FROM courses_enrolment WHERE id = NEW.enrolment_id;
  ELSIF NEW.enrolment_id IS NULL THEN
    NEW.enrolment_id := (SELECT id FROM courses_enrolment WHERE course_id = NEW.course_id AND user_id = NEW.user_id);
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER hours_objection_names_both BEFORE INSERT OR UPDATE ON hours_objection
FOR EACH ROW EXECUTE FUNCTION hours_objection_names_both();
"""

LEFT_COLUMNS = {
    "hours_objection.enrolment_id": LeftColumn(
        begin_with="user_id",
        begin=_NAMES_BOTH,
        end="DROP FUNCTION hours_objection_names_both() CASCADE",
    )
}
