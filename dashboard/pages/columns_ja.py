"""What columns hold and mean in Japanese; their English stands in the models and the exports."""

import re

HELP_JA = {
    "never changes": "変わることのない識別名",
    "empty: not stated": "空欄は記載なし",
    "other names it was filed by": "登録時に使われた別の名称",
    "country or union that promises": "約束した国または連合",
    "ISO 3166 code, EU for the union": "ISO 3166の国コード。連合はEU",
    "fictional figures, labelled so on every page and response": "架空の数値。すべてのページと応答でその旨を示す",
    "a guarantee is exposure, not cash": "保証はエクスポージャーであり現金ではない",
    "natural key, the same in every version": "自然キー。どの版でも同じ",
    "a retraction, not a correction": "訂正ではなく撤回",
    "last possible day of publication; empty: undated": "公表がありうる最後の日。空欄は日付不明",
    "page, paragraph or quotation": "ページ、段落または引用",
    "refs of claims, terms or documents": "主張・条項・文書の識別名",
    "what was looked for, where and when": "何を、どこで、いつ探したか",
    "sector as the article names it": "元の記事が用いる分野名",
    "percent": "パーセント",
    "slugs of the register's sectors": "本登録簿の分野の識別名",
    "names used by each other list": "他の各一覧での名称",
    "in the claim's unit": "主張の単位による",
    "the statement, in our words": "発言の要旨",
    "as of documents, or derived": "文書に準じる。または導出",
    "last day of the closed period": "締めた期間の最終日",
    "last day in force": "有効な最終日",
    "other names it is asked by": "照会に使える別の名称",
    "HTS chapters, headings and lines that lie wholly in it": "全体がこの品目に含まれる関税率表の類・項・細目",
    "part of the category; empty: all of it": "品目の一部。空欄は全体",
    "a rate set for the country by name, not for all countries": "全ての国ではなく、その国を名指しした税率か",
    "act that set the last day; empty: the measure's own": "最終日を定めた文書。空欄はその措置自体",
    "refs of measures it replaces retroactively": "遡って置き換える措置の識別名",
    "line it adds up to, with the others that name it": "同じ行を指す他の行と合わせて足し上がる先の行",
    "what tests the trigger": "発動条件を判定する方法",
    "of without_percent; empty: not stated": "without_percentの基準。空欄は記載なし",
    "US dollars": "米ドル",
    "as the source puts it": "出典の表現のまま",
    "as the notice numbers itself": "通知に記された番号",
    "instant, UTC": "時刻（UTC）",
    "zone the source used": "出典が用いた時間帯",
    "day of receipt in Asia/Tokyo": "受領日（東京時間）",
    "amount called, US dollars": "請求額（米ドル）",
    "designated account, named": "指定口座の名称",
    "funding date in the notice": "通知に記された拠出日",
    "day on which Japan declined to fund it": "日本が拠出を辞退した日",
    "why an administrator let it break a rule; shown publicly": "管理者が規則の例外とした理由。公開される",
    'list of {"on": date, "amount_usd": decimal string}': '｛"on": 日付, "amount_usd": 小数の文字列｝の一覧',
    "postal codes of US states; more than one: not split": "米国の州の略号。複数の場合は内訳なし",
    "false keeps it out of every total above candidate": "falseなら候補より上のどの合計にも含めない",
    "what is known of the instrument split": "手段の内訳について分かっていること",
    "the day it happened, or is planned for": "起きた日、または予定の日",
    "announced for a day to come; makes no stage true by itself": "将来の日付で発表されたもの。それだけでは段階は進まない",
    "amount at risk; empty: not stated": "リスクにさらされる額。空欄は記載なし",
    "natural key, never reused": "自然キー。再利用しない",
    "day the money moved": "資金が動いた日",
    "US dollars; negative only in a reversal": "米ドル。負になるのは取消のときのみ",
    "as paid, in currency": "支払われた通貨での額",
    "JPY per USD": "1ドルあたりの円",
    "day of the rate": "レートの日付",
    "why it is posted into a closed period; shown publicly": "締めた期間に記入した理由。公開される",
    "why an administrator let it break a limit; shown publicly": "管理者が上限の例外とした理由。公開される",
}
HOLDS_JA = (
    (r"key of (.*)", r"\1の識別名"),
    (r"keys of (.*), joined by “; ”", r"\1の識別名。「; 」で区切る"),
    (r"list joined by “; ”", "一覧。「; 」で区切る"),
    (r"JSON", "JSON"),
    (r"date, (.*)", r"日付（\1）"),
    (r"instant with offset, (.*)", r"時差付きの時刻（\1）"),
    (r"number, at most (\d+) decimals, no commas", r"数値。小数\1桁まで、桁区切りなし"),
    (r"whole number", "整数"),
    (r"true or false", "trueまたはfalse"),
    (r"text", "文字列"),
)


def holds_ja(words: str) -> str:
    """Return in Japanese what the cells of a column hold. Raise KeyError for words unknown here."""
    for pattern, said in HOLDS_JA:
        if found := re.fullmatch(pattern, words):
            return found.expand(said)
    raise KeyError(words)
