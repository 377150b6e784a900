"""What leaves the site for other programs: lists as spreadsheets, applications and their files as ZIP.

Everything is said in the language spoken now. Nothing here keeps a read of the database open while a browser downloads.
"""

from app.exporting.about import about
from app.exporting.archives import folder_name, read, zip_applications, zip_as_made, zip_files
from app.exporting.index import index_xlsx
from app.exporting.spreadsheets import csv_lines, write_xlsx
from app.exporting.standing import handed_in
from app.exporting.table import Table

__all__ = [
    "Table", "about", "csv_lines", "folder_name", "handed_in", "index_xlsx", "read", "write_xlsx", "zip_applications", "zip_as_made",
    "zip_files",
]  # fmt: skip
