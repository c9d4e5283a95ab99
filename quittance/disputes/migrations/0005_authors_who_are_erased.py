"""Let the name of an author who was erased become the pseudonym; what was said stays."""

from __future__ import annotations

from django.db import migrations

# Of a person who was erased, the name of today is the pseudonym. Nothing but that is let through.
FORWARD = """
CREATE FUNCTION disputes_note_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(OLD) - 'author_name' = to_jsonb(NEW) - 'author_name'
        AND EXISTS (
            SELECT FROM identity_user u
            WHERE u.organization_id = OLD.organization_id AND u.id = OLD.author_id
                AND u.erased_at IS NOT NULL AND u.name = NEW.author_name
        ) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was said in a dispute stays' USING ERRCODE = '23514';
END $$;
CREATE OR REPLACE TRIGGER said_stays BEFORE UPDATE OR DELETE ON disputes_disputenote
    FOR EACH ROW EXECUTE FUNCTION disputes_note_stays();
"""
BACKWARD = """
CREATE OR REPLACE TRIGGER said_stays BEFORE UPDATE OR DELETE ON disputes_disputenote
    FOR EACH ROW EXECUTE FUNCTION disputes_said_stays();
DROP FUNCTION disputes_note_stays;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("disputes", "0004_by_account"),
        ("identity", "0008_people_who_are_erased"),
    ]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
