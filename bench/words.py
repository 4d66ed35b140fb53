"""Chinese titles, names and prose made from word lists, so that searches for two characters find what they would find."""

SURNAMES = "陳林黃張李王吳劉蔡楊許鄭謝郭洪曾邱廖賴周徐蘇葉莊呂江何蕭羅高潘簡朱鍾彭游詹胡施沈"
GIVEN = (
    "怡君 雅婷 志明 淑芬 俊傑 美玲 家豪 宗翰 佳穎 詩涵 冠宇 承恩 惠雯 建宏 淑惠 麗華 文雄 秀英 明哲 欣怡 "
    "宜蓁 柏翰 彥廷 筱涵 孟儒 國榮 玉珍 素貞 志強 雅雯"
).split()
SUBJECTS = (
    "素養導向 雙語教學 國語文 英語文 數學 自然科學 社會領域 科技領域 健康與體育 藝術領域 生活課程 閱讀理解 環境教育 "
    "家庭教育 輔導知能 資通安全 特殊教育 性別平等 校園霸凌防制 防災教育 交通安全 基本救命術 幼兒教保 本土語文 原住民族教育 "
    "新住民語文 媒體識讀 人權教育 海洋教育 食農教育 生命教育 班級經營 學習評量 差異化教學 行動學習 人工智慧 程式設計 "
    "機器人 戶外教育 美感教育"
).split()
# What the searches look for: two characters that many titles have.
WORD = SUBJECTS[0][:2]
KINDS = "教學研習 增能工作坊 公開授課 教材研發 專題講座 課程共備 讀書會 知能研習 實作工作坊 種子教師培訓 專業社群 回流研習".split()
STEPS = " (初階) (進階) (第一梯次) (第二梯次) (北區場) (南區場) (線上場)".split(" ")
SCHOOLS = "中正 中山 仁愛 信義 和平 光華 新興 大同 復興 建國 民生 民權 民族 成功 自強 忠孝 文化 東光 南州 萬丹 潮州 東港 恆春 里港".split()
SUMMARY = "以實例說明理念與法規,並安排分組實作、交流與綜合座談。"
