from courses.forms.course import CourseForm, InstructorFormSet, SessionFormSet, course_data
from courses.forms.withdrawal import WithdrawalForm

__all__ = ["CourseForm", "InstructorFormSet", "SessionFormSet", "WithdrawalForm", "course_data"]
