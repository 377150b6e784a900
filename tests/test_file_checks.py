import random
import subprocess
import sys
from pathlib import Path

import pytest

from app.files import file_checks
from app.files.file_checks import check, refused_extension_reason
from tests.corpus import BAD, GOOD

EMPTY, BROKEN, LOCKED, UNFOLDS = (str(text) for text in (file_checks.EMPTY, file_checks.BROKEN, file_checks.LOCKED, file_checks.UNFOLDS))
MACROS = "The file contains macros (small programs). Save a copy without macros as .docx and upload that."
PIXELS = "The picture has more than 50 million pixels. Make it smaller and upload that."


def other(ending, found):
    return (
        f"The name ends in .{ending}, but the content is of the type .{found}. Open the file, save or export it as .{ending}, "
        "and upload that."
    )


def unknown(ending):
    return (
        f"The name ends in .{ending}, but the content is something else. Open the file in the program it was made with, "
        f"save or export it as .{ending}, and upload that."
    )


def misnamed(ending, found):
    return (
        f"The name ends in .{ending}, but the content is of the type .{found}. Correct the ending of the name, or save the file "
        f"as .{ending}, and upload it again."
    )


def old(ending):
    return (
        f"The name ends in .{ending}, but the content is in the format of Office before 2007. Open the file, "
        f"save it as .{ending}, and upload that."
    )


def template(ending):
    return f"The file is a template or a slide show. Save it as an ordinary .{ending} file and upload that."


REASONS = {
    "pdf empty": EMPTY,
    "pdf cut to 60 %": BROKEN,
    "pdf cut to 99 %": BROKEN,
    "pdf with only its frame": BROKEN,
    "pdf of noise": BROKEN,
    "pdf locked": LOCKED,
    "pdf locked with a certificate": LOCKED,
    "pdf without a page": "This PDF has no pages. Export it once more, check that it opens, and upload that.",
    "pdf that unfolds": BROKEN,
    "pdf of one page a hundred thousand times": BROKEN,
    "pdf is html": other("pdf", "html"),
    "pdf is html that quotes a pdf": other("pdf", "html"),
    "pdf is a program": other("pdf", "exe"),
    "pdf is a png": misnamed("pdf", "png"),
    "pdf is a zip that quotes a pdf": other("pdf", "zip"),
    "pdf is text": unknown("pdf"),
    "png empty": EMPTY,
    "png is a pdf": misnamed("png", "pdf"),
    "png is a jpg": misnamed("png", "jpg"),
    "png is a webp": other("png", "webp"),
    "png cut to 60 %": BROKEN,
    "png without its end": BROKEN,
    "png with a wrong byte": BROKEN,
    "png of 3600 megapixels": PIXELS,
    "png of 100 megapixels": PIXELS,
    "png of 51 megapixels": PIXELS,
    "png of fewer pixels than it claims": BROKEN,
    "png with a text that unfolds": BROKEN,
    "jpg is a png": misnamed("jpg", "png"),
    "jpg is only its signature": BROKEN,
    "jpg cut to 60 %": BROKEN,
    "jpeg progressive cut to 90 %": BROKEN,
    "jpg of 51 megapixels": PIXELS,
    "jpg of endless passes": BROKEN,
    "docx is an old one": old("docx"),
    "docx locked": LOCKED,
    "docx locked inside": LOCKED,
    "docx is an xlsx": misnamed("docx", "xlsx"),
    "docx is a pdf": misnamed("docx", "pdf"),
    "docx is a plain zip": other("docx", "zip"),
    "docx is text": other("docx", "rtf"),
    "docx cut to 60 %": BROKEN,
    "docx with a wrong byte in its text": BROKEN,
    "docx without its main part": BROKEN,
    "docx with another root": BROKEN,
    "docx with broken content types": BROKEN,
    "docx with a document type": BROKEN,
    "docx with huge content types": BROKEN,
    "docx with two main parts of one name": BROKEN,
    "docx packed in another way": BROKEN,
    "docx is a renamed docm": MACROS,
    "docx with a hidden macro": MACROS,
    "docx with macros of another name": MACROS,
    "docx is a template": template("docx"),
    "docx that unfolds": UNFOLDS,
    "docx that unfolds from little": UNFOLDS,
    "docx of too many parts": UNFOLDS,
    "xlsx is a docx": misnamed("xlsx", "docx"),
    "xlsx is an old one": old("xlsx"),
    "xlsx cut to 90 %": BROKEN,
    "pptx is a slide show": template("pptx"),
    "pptx is a program with a pptx behind": other("pptx", "exe"),
}
ALLOWED = ("pdf", "png", "jpg", "jpeg", "docx", "xlsx", "pptx")
LISTED = "Accepted are .pdf, .png, .jpg, .jpeg, .docx, .xlsx, or .pptx."


@pytest.fixture
def reason(tmp_path):
    """The reason in words against these bytes under this extension, or None."""

    def judge(content, extension):
        path = tmp_path / "upload"
        path.write_bytes(content)
        answer = check(path, extension)
        return answer if answer is None else str(answer)

    return judge


def test_checkers_cover_the_types_a_call_may_choose():
    from app.call.schema import FILE_TYPES

    assert set(file_checks.CHECKERS) == set(FILE_TYPES)


@pytest.mark.parametrize("name", GOOD)
def test_check_good_file(reason, name):
    extension, make = GOOD[name]
    assert reason(make(), extension) is None


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", BAD)
def test_promise_10_bad_file_is_refused_in_words(reason, name):
    extension, make = BAD[name]
    assert reason(make(), extension) == REASONS[name]


def test_check_extension_in_upper_case(reason):
    assert reason(GOOD["pdf"][1](), "PDF") is None


def test_check_file_that_cannot_be_read(tmp_path):
    with pytest.raises(FileNotFoundError):
        check(tmp_path / "missing", "pdf")


@pytest.mark.parametrize("name", ["pdf", "pdf typeset", "png", "png animated", "jpg", "jpg progressive", "docx", "xlsx", "pptx"])
def test_check_truncated_anywhere(reason, name):
    extension, make = GOOD[name]
    content, chance = make(), random.Random(name)
    lengths = [chance.randrange(20, len(content) - 8) for _ in range(25)] + [len(content) - 8]
    if extension in ("jpg", "docx", "xlsx", "pptx"):
        lengths += [len(content) - 2, len(content) - 1]
    assert {reason(content[:length], extension) for length in lengths} == {BROKEN}


@pytest.mark.parametrize("extension", ALLOWED)
def test_check_random_bytes(reason, extension):
    chance = random.Random(extension)
    head = {"pdf": b"%PDF-1.7\n", "png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "jpeg": b"\xff\xd8\xff"}.get(extension, b"PK\3\4")
    noise = [chance.randbytes(chance.randrange(1, 5000)) for _ in range(20)]
    assert None not in {reason(content, extension) for content in noise}
    assert {reason(head + content, extension) for content in noise} == {BROKEN}


@pytest.mark.parametrize("name", ["pdf", "pdf typeset", "png", "jpg", "jpg progressive", "docx", "xlsx", "pptx"])
def test_check_wrong_bits_are_answered(reason, name):
    extension, make = GOOD[name]
    content, chance = make(), random.Random(name)
    answers = []
    for _ in range(40):
        flipped = bytearray(content)
        for _ in range(chance.choice([1, 1, 1, 20])):
            flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        answers.append(reason(bytes(flipped), extension))
    assert all(answer is None or answer.startswith(("The ", "This ")) for answer in answers)
    if extension == "png":
        assert None not in answers


def test_check_picture_does_not_wait_for_hostile_ones_for_long(reason, monkeypatch):
    monkeypatch.setattr(file_checks, "PATIENCE_SECONDS", 0.01)
    with file_checks._decoding:
        assert {reason(GOOD[name][1](), name) for name in ("png", "jpg")} == {str(file_checks.BUSY)}
    assert reason(GOOD["png"][1](), "png") is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from Linux's /proc")
def test_check_hostile_files_in_bounded_memory(tmp_path):
    hostile = [
        "png of 49 megapixels", "png of 3600 megapixels", "png with a text that unfolds", "jpg of endless passes", "pdf that unfolds",
        "pdf of one page a hundred thousand times", "docx that unfolds", "docx of too many parts",
    ]  # fmt: skip
    for number, name in enumerate(hostile):
        extension, make = {**GOOD, **BAD}[name]
        (tmp_path / f"{number}.{extension}").write_bytes(make())
    script = (
        "import sys, pathlib; from app.files.file_checks import check\n"
        "for path in pathlib.Path(sys.argv[1]).iterdir(): check(path, path.suffix[1:])\n"
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    root = Path(__file__).parent.parent
    run = subprocess.run([sys.executable, "-c", script, tmp_path], cwd=root, capture_output=True, text=True, check=True)
    assert int(run.stdout) // 1024 < 250


@pytest.mark.parametrize(("extension", "allowed", "expected"), [
    ("pdf", ALLOWED, None),
    ("PDF", ALLOWED, None),
    ("doc", ALLOWED, "Files ending in .doc are not accepted. Open the file, save or export it as .docx, and upload that."),
    ("DOC", ("pdf",), "Files ending in .doc are not accepted. Open the file, save or export it as .pdf, and upload that."),
    ("doc", ("png",), "Files ending in .doc are not accepted. Accepted are .png."),
    ("wps", ALLOWED, "Files ending in .wps are not accepted. Open the file, save or export it as .docx, and upload that."),
    ("xls", ALLOWED, "Files ending in .xls are not accepted. Open the file, save or export it as .xlsx, and upload that."),
    ("ppt", ALLOWED, "Files ending in .ppt are not accepted. Open the file, save or export it as .pptx, and upload that."),
    ("heic", ALLOWED, "Files ending in .heic are not accepted. Open the file, save or export it as .jpg, and upload that."),
    ("heic", ("png", "pdf"), "Files ending in .heic are not accepted. Open the file, save or export it as .png, and upload that."),
    ("caj", ALLOWED, "Files ending in .caj are not accepted. Open the file, save or export it as .pdf, and upload that."),
    ("docx", ("pdf",), "Files ending in .docx are not accepted. Open the file, save or export it as .pdf, and upload that."),
    ("zip", ALLOWED, f"Archives such as .zip are not accepted. Unpack it and upload the files one by one. {LISTED}"),
    ("rar", ("pdf",), "Archives such as .rar are not accepted. Unpack it and upload the files one by one. Accepted are .pdf."),
    ("mp4", ALLOWED, f"Recordings such as .mp4 are not accepted. Put a link to the recording into a document and upload that. {LISTED}"),
    ("exe", ALLOWED, f"Files ending in .exe are not accepted. {LISTED}"),
    ("", ALLOWED, f"The name of the file has no ending such as .pdf that tells its type. {LISTED}"),
    (" 2 final", ALLOWED, f"The name of the file has no ending such as .pdf that tells its type. {LISTED}"),
    ("证书", ALLOWED, f"The name of the file has no ending such as .pdf that tells its type. {LISTED}"),
    ("x" * 1000, ALLOWED, f"The name of the file has no ending such as .pdf that tells its type. {LISTED}"),
])  # fmt: skip
def test_refused_extension_reason(extension, allowed, expected):
    answer = refused_extension_reason(extension, allowed)
    assert (answer if answer is None else str(answer)) == expected


def test_refused_extension_reason_lists_in_the_language_spoken(app):
    answer = refused_extension_reason("exe", ("pdf", "png", "docx"))
    with app.test_request_context("/zh/"):
        assert ".pdf、.png或.docx" in str(answer)
