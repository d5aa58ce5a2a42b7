"""Files anybody may send: what is refused before it is opened, and what it says then."""

import io
import time
import zipfile

import pytest
from openpyxl import Workbook

from commitments.services.sheets import SheetRefused, read_sheet, suspicious

HEAD = b"slug,name\r\n"


def read(content, filename="party.csv"):
    return read_sheet(content, filename, lambda percent: None)


def refusal(content, filename="party.csv"):
    with pytest.raises(SheetRefused) as caught:
        read(content, filename)
    return caught.value.row, caught.value.reason


def test_rows_of_the_wrong_length_stand_apart_from_the_others():
    sheet = read(HEAD + b"a,b\r\na,b,c\r\nd\r\n,,\r\ne,f\r\n")
    assert sheet.rows == ((2, ("a", "b")), (6, ("e", "f")))
    assert sheet.ragged == ((3, 3), (4, 1))


def workbook(*rows):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def repacked(content, **replaced):
    """The workbook with the text of some parts changed."""
    kept = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            data = old.read(entry)
            for name, change in replaced.items():
                if entry.filename.endswith(f"{name}.xml"):
                    data = change(data.decode()).encode()
            new.writestr(entry.filename, data)
    return kept.getvalue()


def test_a_csv_is_read_as_it_stands():
    sheet = read('\ufeffslug,name\r\npty-a,NA\r\n\r\npty-b,"007\nand, a line"\r\n'.encode())

    assert sheet.header == ("slug", "name")
    assert sheet.rows == ((2, ("pty-a", "NA")), (4, ("pty-b", "007\nand, a line")))


def test_a_workbook_is_read_as_the_same_text():
    content = workbook(["slug", "name"], ["pty-a", "NA"], ["pty-b", 7], ["pty-c", 1234.5])

    assert read(content, "party.xlsx").rows == (
        (2, ("pty-a", "NA")),
        (3, ("pty-b", "7")),
        (4, ("pty-c", "1234.5")),
    )


@pytest.mark.parametrize(
    ("content", "row", "reason"),
    [
        (
            HEAD + "a,Société".encode("cp1252"),
            2,
            "The text is not UTF-8; save the file as “CSV UTF-8”.",
        ),
        (HEAD + b"a,b\x00\r\n", 2, "The text holds a NUL character."),
        (
            HEAD + b'a,b\r\nc,"d\r\n',
            3,
            "The row cannot be read: a quotation mark stands open, or a cell is too long.",
        ),
        (
            HEAD + b"a," + b"x" * 200_000,
            2,
            "The row cannot be read: a quotation mark stands open, or a cell is too long.",
        ),
        (HEAD + b"a,b\r\n" * 50_001, 50_002, "The file holds more than 50,000 rows."),
        (b"," * 100 + b"\r\n", 1, "The file holds more than 100 columns."),
        (b"\r\n", 1, "The first row must name the columns."),
        (b"", None, "The file is empty."),
        (b"x" * (10 * 2**20 + 1), None, "The file is larger than 10 MB."),
        (b"MZ\x90\x00 renamed", None, "The file is called .csv but does not hold text."),
        (b"PK\x03\x04 renamed", None, "The file is called .csv but does not hold text."),
    ],
)
def test_a_bad_csv_is_refused_by_row_and_reason(content, row, reason):
    assert refusal(content) == (row, reason)


@pytest.mark.parametrize(
    ("content", "filename", "reason"),
    [
        (b"slug,name", "party.txt", "The file must be called .csv or .xlsx."),
        (b"slug,name", "xlsx", "The file must be called .csv or .xlsx."),
        (b"MZ\x90\x00", "party.xlsx", "The file is called .xlsx but is no workbook."),
        (b"PK\x03\x04 and nothing", "party.xlsx", "The workbook is damaged."),
        (
            b"\xd0\xcf\x11\xe0 locked",
            "party.xlsx",
            "The workbook is encrypted or of the old .xls kind; save it as plain .xlsx.",
        ),
    ],
)
def test_a_renamed_or_encrypted_file_is_not_opened(content, filename, reason):
    assert refusal(content, filename) == (None, reason)


def test_a_bomb_is_refused_without_unpacking_it():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (200 * 2**20))
    begin = time.monotonic()

    assert suspicious(kept.getvalue(), "bomb.xlsx") == (
        "The workbook unpacks to far more than its size: it is not opened."
    )
    assert time.monotonic() - begin < 2


def test_a_workbook_of_many_parts_is_refused():
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as packed:
        for n in range(201):
            packed.writestr(f"part{n}.xml", "<a/>")

    assert suspicious(kept.getvalue(), "a.xlsx") == "The workbook holds more than 200 parts."


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("XFD2", (2, "The file holds more than 100 columns.")),
        ("A1048576", (50_002, "The file holds more than 50,000 rows.")),
    ],
)
def test_a_far_cell_is_refused_fast(place, reason):
    row = "".join(c for c in place if c.isdigit())
    far = f'<row r="{row}"><c r="{place}" t="inlineStr"><is><t>far</t></is></c></row></sheetData>'
    content = repacked(
        workbook(["slug", "name"]), sheet1=lambda xml: xml.replace("</sheetData>", far)
    )
    begin = time.monotonic()

    assert refusal(content, "far.xlsx") == reason
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
@pytest.mark.parametrize("pad", [0, 5_000])
def test_entities_are_never_followed(declared, pad):
    spaces = " " * pad

    def declare(xml):
        head, _, body = xml.rpartition("?>")
        return f"{head}?>{spaces}{declared}{body}" if head else f"{spaces}{declared}{xml}"

    content = repacked(workbook(["slug", "name"], ["a", "b"]), sheet1=declare)

    row, reason = refusal(content, "entities.xlsx")

    assert reason in (
        "The workbook declares entities: it is not opened.",
        "The workbook is damaged.",
    )
    assert row is None


def test_a_formula_in_a_workbook_is_refused():
    content = workbook(["slug", "name"], ["a", "=1+1"])

    assert refusal(content, "party.xlsx") == (
        2,
        "A cell holds a formula; paste its value instead.",
    )


def test_reading_says_how_far_it_is():
    told = []
    read_sheet(HEAD + b"a,b\r\n" * 2_000, "party.csv", told.append)

    assert told == [24, 49, 74, 99]
