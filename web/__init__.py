"""What people see: a small server-rendered site that reads published results and requests runs.

How a page comes about, with promotions as the example:

1.  **A dataclass per template**, in ``web/pages/promotions.py``: ``class PromotionsPage(Page)`` with ``template``,
    ``section`` (its entry in ``web/navigation.py``) and what the template shows, in words. A part of a page that
    changes in place is a ``Part`` (its template reads ``part``); a page with such parts overrides ``live``, so that it
    loads htmx. Texts go through ``campaigns.language``, numbers and dates through ``campaigns.reporting.figures``.
2.  **A blueprint per subject**, in ``web/promotions.py``, named in ``PARTS`` of ``web/app.py``. A view parses, calls
    once and renders::

        blueprint = Blueprint("promotions", __name__)

        @blueprint.get("/promotions")
        @allow(Role.MARKETER, Role.MANAGER)          # web.access: who may open it; without a mark nobody may
        def show() -> str:
            return PromotionsPage(title=_("Promotions"), rows=...).render()

    Queries live in ``campaigns/store``, a file per subject, and get a session of ``site().database``: ``reading()``
    or ``transaction()``. ``visitor()`` (``web.access``) is whoever asks: ``visitor().may(Role.MANAGER)``,
    ``visitor().owner`` and ``visitor().sees_own_accounts_only`` for what sales may see.
3.  **A template**, ``web/templates/promotions.html``, which extends ``base.html`` and fills ``content`` (and ``foot``).
    No inline script, no inline style, no ``on...`` attribute: the content-security policy allows none. Styles go to
    ``web/static/styles/promotions.css``, over the tokens of ``campaigns/reporting/tokens.py``.
4.  **A form** is a ``web.forms.Form`` (Flask-WTF), drawn by the macros of ``forms.html``; each form that posts, also
    one without fields, begins with ``{{ forms.token() }}``, and a POST without the token is refused. Where it holds,
    store, ``flash(_("Saved."))`` and ``redirect(url_for(...), 303)``; where not, render the page again with the form,
    which shows its faults, with status 422::

        @blueprint.route("/promotions/new", methods=["GET", "POST"])
        @allow(Role.MARKETER)
        def new() -> ResponseReturnValue:
            form = PromotionForm()
            if not form.validate_on_submit():
                return page_with(form), 422 if form.is_submitted() else 200
            ...

5.  **htmx**: a view answers with a part where ``HX-Request`` is among the headers, and with a redirect else, so that
    everything works without JavaScript too. ``base.html`` has htmx send the token with each of its requests.
6.  **The audit trail**: every change calls ``audited(session, action, subject, before=..., after=...)`` (``web.audit``)
    inside the transaction that makes it, so that either both are stored or neither.
7.  **Errors** that people can mend are subclasses of ``TouchstoneError``; ``web/refusals.py`` turns them into pages.

Tests use ``client_as("manager")`` and, in a browser, ``page_as("manager")`` of ``tests/web/conftest.py``.
"""
