"""The empty files to fill in for an import: the headings, and one example row.

The example is refused if it stays in the file: its unit does not exist, or its level is none.
"""

from accounts.imports import people_lines, roster_rows
from accounts.imports import unit_lines as unit_lists

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
_ROSTER_TEXT = {
    "姓名": "須與系統內該人姓名相同；系統內沒有的人會新增。",
    "身分證字號": "身分證或居留證號碼；沒有者留白並填護照號碼。",
    "電子郵件": "新增的人必填；已有的人不會因名冊而改變。",
    "學校代碼": "6 碼；縣市與平臺可一次上傳多個單位。",
    "職稱": "例如 教師、組長、主任、校長、代理教師。",
    "角色": "留白即為教師；業務承辦人、單位管理者會給予業務帳號。",
    roster_rows.POST: "例如 教務主任、三年甲班導師。",
    roster_rows.SINCE: "例如 115/8/1；留白：新到者自今日起。",
    roster_rows.UNTIL: "離職或代理期滿的最後一天；業務帳號隨之停用。",
    roster_rows.SUBSTITUTE: "代理者填「是」，並填離職日。",
    roster_rows.CONCURRENT: "同時任職其他單位者填「是」，原單位的任職不受影響。",
    roster_rows.ORDER: "單位自訂的順序，數字小者在前。",
}
ROSTER_COLUMNS = list(_ROSTER_TEXT.items())
ROSTER_HEADER = [*people_lines.NEEDED, *roster_rows.COLUMNS, people_lines.PASSPORT, "學校級別", EXPLANATION]
_ROSTER = {
    **{column: text for column, text in _PEOPLE.items() if column != "角色"},
    roster_rows.POST: "三年甲班導師",
    roster_rows.SINCE: "115/8/1",
    EXPLANATION: "本列為範例，上傳前請刪除。" + "".join(f"{name}：{text}" for name, text in ROSTER_COLUMNS),
}
ROSTER_EXAMPLE = [_ROSTER.get(column, "") for column in ROSTER_HEADER]

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
