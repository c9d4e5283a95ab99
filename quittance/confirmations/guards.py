"""Has PostgreSQL itself refuse what a person does without the second one's word."""

from __future__ import annotations

from typing import Final

# Jobs and the operator's commands are not held up: who runs those holds the keys of the house.
_PERSON: Final = "current_setting('quittance.actor', true) LIKE 'user:%'"
_WHO: Final = "substr(current_setting('quittance.actor', true), 6)"


def guard_act(table: str, kind: str, *, on: str, when: str) -> tuple[str, str]:
    """Return the SQL that has ``table`` want a second person's word, and what undoes it.

    While the organization's rule for ``kind`` is on, who signed in writes such a row only in the
    transaction in which they themselves confirm what another asked for about this very row. ``on``:
    such as ``UPDATE``; ``when``: the condition on OLD and NEW.
    """
    name = f"second_person_{on.lower().replace(' ', '_')}"
    forward = f"""
        CREATE TRIGGER {name} BEFORE {on} ON {table} FOR EACH ROW WHEN ({when})
            EXECUTE FUNCTION confirmations_wants_second('{kind}');
    """
    return forward, f"DROP TRIGGER {name} ON {table};"


def guard_end(table: str, kind: str, *, when: str) -> tuple[str, str]:
    """Return the SQL that has the end of a row want the word, as ``guard_act``; and its undoing."""
    forward = f"""
        CREATE TRIGGER second_person_delete BEFORE DELETE ON {table} FOR EACH ROW WHEN ({when})
            EXECUTE FUNCTION confirmations_wants_second_gone('{kind}');
    """
    return forward, f"DROP TRIGGER second_person_delete ON {table};"


def guard_later(table: str, kind: str, *, word: str, when: str) -> tuple[str, str]:
    """Return the SQL that has ``table`` want a word that was given before, and what undoes it.

    For what who asked does themselves afterwards, once. ``word``: the condition on a confirmation
    and the NEW row; ``when``: the condition on OLD and NEW under which a change wants it, too.
    """
    name = f"{table}_wants_second"
    forward = f"""
        CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {_PERSON}
                AND EXISTS (
                    SELECT FROM confirmations_secondpersonrule
                    WHERE organization_id = NEW.organization_id AND kind = '{kind}' AND is_on
                )
                AND NOT EXISTS (
                    SELECT FROM confirmations_confirmation
                    WHERE organization_id = NEW.organization_id AND kind = '{kind}'
                        AND status = 'confirmed' AND asked_by_id::text = {_WHO} AND {word}
                )
            THEN
                RAISE EXCEPTION 'another person has to confirm this' USING ERRCODE = '23514';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER second_person_insert BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION {name}();
        CREATE TRIGGER second_person_update BEFORE UPDATE ON {table}
            FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}();
    """  # noqa: S608 - our own words, in a migration
    return forward, f"DROP FUNCTION {name} CASCADE;"


ANOTHER_DECIDES: Final = f"""
CREATE FUNCTION confirmations_box(address text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(lower(address), '[+].*@', '@')
$$;
CREATE FUNCTION confirmations_asks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_PERSON} AND {_WHO} IS DISTINCT FROM NEW.asked_by_id::text THEN
        RAISE EXCEPTION 'nobody asks in the name of another' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER asks BEFORE INSERT ON confirmations_confirmation
    FOR EACH ROW EXECUTE FUNCTION confirmations_asks();
CREATE FUNCTION confirmations_decides() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    boxes integer;
BEGIN
    IF OLD.decided_by_id IS NOT NULL THEN
        RAISE EXCEPTION 'who decided stays' USING ERRCODE = '23514';
    END IF;
    IF {_PERSON} AND {_WHO} IS DISTINCT FROM NEW.decided_by_id::text THEN
        RAISE EXCEPTION 'nobody decides in the name of another' USING ERRCODE = '23514';
    END IF;
    SELECT count(DISTINCT confirmations_box(email)) INTO boxes FROM identity_user
        WHERE organization_id = NEW.organization_id
            AND id IN (NEW.asked_by_id, NEW.decided_by_id);
    IF boxes = 1 THEN
        RAISE EXCEPTION 'both accounts are one person''s' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decides BEFORE UPDATE ON confirmations_confirmation FOR EACH ROW
    WHEN (OLD.decided_by_id IS DISTINCT FROM NEW.decided_by_id)
    EXECUTE FUNCTION confirmations_decides();
"""  # noqa: S608 - our own words, in a migration
# What is confirmed is what was asked for: it never changes, whoever writes to the row. The sealed
# secrets may be sealed with another key; that they are the same ones their fingerprint shows.
CONTENT_STAYS: Final = """
CREATE FUNCTION confirmations_content_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was asked for stays' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER content_stays BEFORE UPDATE ON confirmations_confirmation FOR EACH ROW
    WHEN (
        (OLD.kind, OLD.about, OLD.subject_id, OLD.customer_account_id, OLD.title, OLD.shown,
         OLD.fingerprint, OLD.asked_by_id, OLD.note, OLD.expires_at)
        IS DISTINCT FROM
        (NEW.kind, NEW.about, NEW.subject_id, NEW.customer_account_id, NEW.title, NEW.shown,
         NEW.fingerprint, NEW.asked_by_id, NEW.note, NEW.expires_at)
    )
    EXECUTE FUNCTION confirmations_content_stays();
"""
ACTS_WAIT: Final = f"""
CREATE FUNCTION confirmations_wants_second() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_PERSON}
        AND EXISTS (
            SELECT FROM confirmations_secondpersonrule
            WHERE organization_id = NEW.organization_id AND kind = TG_ARGV[0] AND is_on
        )
        AND NOT EXISTS (
            SELECT FROM confirmations_confirmation
            WHERE organization_id = NEW.organization_id AND kind = TG_ARGV[0]
                AND status = 'confirmed' AND subject_id = NEW.id
                AND decided_by_id::text = {_WHO}
        )
    THEN
        RAISE EXCEPTION 'another person has to confirm this' USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION confirmations_rule_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_PERSON} AND NOT EXISTS (
        SELECT FROM confirmations_confirmation
        WHERE organization_id = OLD.organization_id AND kind = 'rules' AND status = 'confirmed'
            AND decided_by_id::text = {_WHO}
    )
    THEN
        RAISE EXCEPTION 'another person has to confirm this' USING ERRCODE = '23514';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE TRIGGER rule_ends BEFORE UPDATE ON confirmations_secondpersonrule FOR EACH ROW
    WHEN (OLD.is_on AND (NOT NEW.is_on OR OLD.kind <> NEW.kind))
    EXECUTE FUNCTION confirmations_rule_ends();
CREATE TRIGGER rule_goes BEFORE DELETE ON confirmations_secondpersonrule FOR EACH ROW
    WHEN (OLD.is_on) EXECUTE FUNCTION confirmations_rule_ends();
"""  # noqa: S608
# As ``confirmations_wants_second``, of a row that goes.
GONE: Final = f"""
CREATE FUNCTION confirmations_wants_second_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_PERSON}
        AND EXISTS (
            SELECT FROM confirmations_secondpersonrule
            WHERE organization_id = OLD.organization_id AND kind = TG_ARGV[0] AND is_on
        )
        AND NOT EXISTS (
            SELECT FROM confirmations_confirmation
            WHERE organization_id = OLD.organization_id AND kind = TG_ARGV[0]
                AND status = 'confirmed' AND subject_id = OLD.id
                AND decided_by_id::text = {_WHO}
        )
    THEN
        RAISE EXCEPTION 'another person has to confirm this' USING ERRCODE = '23514';
    END IF;
    RETURN OLD;
END $$;
"""  # noqa: S608
NO_GONE: Final = "DROP FUNCTION confirmations_wants_second_gone CASCADE;"
GUARDS: Final = ANOTHER_DECIDES + CONTENT_STAYS + ACTS_WAIT
NO_GUARDS: Final = """
DROP FUNCTION confirmations_asks CASCADE;
DROP FUNCTION confirmations_decides CASCADE;
DROP FUNCTION confirmations_box CASCADE;
DROP FUNCTION confirmations_content_stays CASCADE;
DROP FUNCTION confirmations_wants_second CASCADE;
DROP FUNCTION confirmations_rule_ends CASCADE;
"""
