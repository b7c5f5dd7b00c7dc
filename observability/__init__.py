"""What watches the desk: queries, dashboards, alert rules, generated from the contracts."""
