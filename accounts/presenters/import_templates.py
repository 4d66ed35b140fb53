"""The empty files to fill in for an import: the headings, and one example row.

The example is refused if it stays in the file: its unit does not exist, or its level is none.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.imports import people_lines, roster_rows
from accounts.imports import unit_lines as unit_lists
from kit.sentence_parts import is_chinese, labelled

Text = str | Promise

# A column that imports do not read.
EXPLANATION = "說明"

_PEOPLE = {
    "姓名": "王小明",
    "身分證字號": "A123456789",
    "電子郵件": "ming@school.example",
    "學校代碼": "000000",
    "職稱": "教師",
    "角色": "業務承辦人",
    EXPLANATION: (
        "本列為範例，匯入前請刪除。學校代碼為 6 碼，開頭的 0 須保留；身分證字號填身分證或居留證號碼，沒有者留白並填護照號碼；"
        f"角色：{'、'.join(people_lines.ROLE_WORDS)}，留白即為教師；學校級別僅於兩個單位同代碼時填寫："
        f"{'、'.join(unit_lists.LEVELS)}；同一人僅於系統詢問時填「是」。"
    ),
}
PEOPLE_HEADER = [*people_lines.NEEDED, *people_lines.OPTIONAL, EXPLANATION]
PEOPLE_EXAMPLE = [_PEOPLE.get(column, "") for column in PEOPLE_HEADER]

# Column of a roster → what belongs into it.
ROSTER_COLUMNS: dict[str, Text] = {
    "姓名": _("Name as the system has it; a person whom the system does not know is added."),
    "身分證字號": _(
        "National ID or resident number; leave it empty and give the passport number if there is none."
    ),
    "電子郵件": _("Needed for a new person; that of a known person is not changed by a staff list."),
    "學校代碼": _("The code of six characters; a county or the operator may send several units in one file."),
    "職稱": _("Job title, for example 教師, 組長, 主任, 校長, 代理教師."),
    "角色": _(
        "Role; empty is a teacher. 業務承辦人 (handler) and 單位管理者 (unit lead) get a business account."
    ),
    roster_rows.POST: _("Post beside the title, for example 教務主任, 三年甲班導師."),
    roster_rows.SINCE: _("First day, for example 2026-08-01; empty: newcomers serve from today on."),
    roster_rows.UNTIL: _("Last day of service or of the substitution; business accounts end with it."),
    roster_rows.SUBSTITUTE: _("Write 是 for a substitute, and give the last day."),
    roster_rows.CONCURRENT: _(
        "Write 是 for a person who also serves at another unit; the place there stays."
    ),
    roster_rows.ORDER: _("The unit's own order; smaller numbers come first."),
}
ROSTER_HEADER = [*people_lines.NEEDED, *roster_rows.COLUMNS, people_lines.PASSPORT, "學校級別", EXPLANATION]
_ROSTER = {
    **{column: text for column, text in _PEOPLE.items() if column != "角色"},
    roster_rows.POST: "三年甲班導師",
    roster_rows.SINCE: "115/8/1",
}


def roster_example() -> list[str]:
    """Return the example row of a roster; its last cell explains the columns in the language of the reader."""
    sentences = [gettext("This row is an example: delete it before you send the file.")]
    sentences += [f"{labelled(name)}{text}" for name, text in ROSTER_COLUMNS.items()]
    cells = {**_ROSTER, EXPLANATION: ("" if is_chinese() else " ").join(sentences)}
    return [cells.get(column, "") for column in ROSTER_HEADER]


_UNITS = {
    "學校代碼": "000000",
    "學校名稱": "範例國民中學",
    "縣市名稱": "屏東縣",
    "學校級別": "（範例）國民中學",
    "鄉鎮市區": "屏東市",
    "地址": "屏東縣屏東市範例路 1 號",
    "電話": "08-0000000",
    "網址": "https://school.example",
    "類別": "學校",
    "設立別": "公立",
    "上級單位": "13A000",
    "聯絡人": "王小明",
    "聯絡信箱": "school@mail.example.edu.tw",
    "起日": "115/8/1",
    EXPLANATION: (
        f"本列為範例，匯入前請刪除。代碼為 6 碼數字或大寫英文字母，開頭的 0 須保留。學校級別：{'、'.join(unit_lists.LEVELS)}，"
        f"非學校留白。類別：{'、'.join(unit_lists.KINDS)}，留白依級別為學校或幼兒園。"
        f"設立別：{'、'.join(unit_lists.SCHOOL_TYPES)}。上級單位填代碼，可為同一檔案內的單位。"
        "全國性單位（大專校院、教育部等）縣市留白。聯絡信箱請填公務信箱。起日可留白。"
    ),
}
UNITS_HEADER = [*unit_lists.NEEDED, *unit_lists.OPTIONAL, EXPLANATION]
UNITS_EXAMPLE = [_UNITS.get(column, "") for column in UNITS_HEADER]
