"""What each template is rendered from: one frozen dataclass per template, and nothing else reaches a template.

A module per subject (``web.pages.priorities``), imported from there; ``web.pages.page`` holds what all pages share.
"""
