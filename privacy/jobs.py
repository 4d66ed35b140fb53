"""The work that makes the copy of a person's own data."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.progress import Work
from jobs.registry import job_kind
from privacy import actions


@job_kind(
    actions.JOB, gettext_lazy("copy of one's own data"), repeatable=True, template="privacy/outcome.html"
)
def own_data(work: Work) -> str:
    rows = actions.make_copy(work.job.owner)
    return _("Your copy is ready: %s entries.") % rows
