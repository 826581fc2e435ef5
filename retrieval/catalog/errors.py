"""What can go wrong with the catalog beside its file being unreachable."""

from retrieval.errors import CatalogUnavailable


class CatalogTooNew(CatalogUnavailable):
    """The catalog was made by a later release, whose tables this one does not know."""

    code = "catalog-too-new"
    ja = (
        "カタログ {path} は新しい版の Kura で作られています"
        "（リビジョン {found}、この版が扱えるのは {known} まで）。"
        "Kura を更新するか、以前のバックアップを戻してください。"
    )
    en = (
        "The catalog {path} was made by a newer Kura (revision {found}; this one knows up to "
        "{known}). Update Kura, or restore an earlier backup."
    )
