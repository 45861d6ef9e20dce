"""How forms draw their fields: label, control, error and help, wired for assistive technology by Django itself."""

from django.forms.renderers import TemplatesSetting


class FieldRenderer(TemplatesSetting):
    field_template_name = "ui/_field.html"
