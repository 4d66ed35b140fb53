from courses.forms.registration import RegistrationForms
from courses.forms.withdrawal import WithdrawalForm

__all__ = ["RegistrationForms", "WithdrawalForm"]
