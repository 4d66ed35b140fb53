"""The log-ins of the demonstration: shown on the log-in page and by `script/server`, only where DEMO is on."""

PASSWORD = "demo-in-service"
LOGINS = [
    {
        "name": "陳怡君",
        "email": "handler@demo.example",
        "role": "縣立南州國中 業務承辦人",
        "password": PASSWORD,
    },
    {"name": "林淑芬", "email": "lead@demo.example", "role": "縣立南州國中 單位管理者", "password": PASSWORD},
    {"name": "郭惠珍", "email": "roster@demo.example", "role": "縣立南州國中 名冊管理", "password": PASSWORD},
    {
        "name": "張雅婷",
        "email": "teacher@demo.example",
        "role": "縣立南州國小 教師(黃燈)",
        "password": PASSWORD,
    },
    {
        "name": "許志明",
        "email": "county@demo.example",
        "role": "屏東縣教學發展科 縣市承辦人",
        "password": PASSWORD,
    },
    {"name": "吳美玲", "email": "operator@demo.example", "role": "全國平臺 管理者", "password": PASSWORD},
]
