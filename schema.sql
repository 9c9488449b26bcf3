-- schema version: 8
-- The one authority about the database of wizqbo. Applied whole to an empty database; the engine refuses any other version.
--
-- Three kinds of table:
--   the log            every fact, once, in order, guarded by the database itself
--   rebuilt tables     mapping, pending work, audit trail, health …: from the log, thrown away and rebuilt at will
--   not from the log   tokens, data keys, raw deliveries, leases, rate counters, tracking: erasable, or no facts of the business

CREATE TABLE schema_version (
    version    integer     NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- ---- the log ---------------------------------------------------------------------------------------------------------

-- The log. Every fact, once, in order. Nothing here is ever updated or deleted.
CREATE TABLE log (
    originator_id      text   COLLATE "C" NOT NULL,  -- the stream
    originator_version bigint NOT NULL,              -- place in the stream, from 1
    topic              text   NOT NULL,              -- the event's stable tag
    state              bytea  NOT NULL,              -- the event as JSON; personal fields sealed
    notification_id    bigserial NOT NULL,           -- position in the whole log; gaps are normal
    chain              bytea  NOT NULL,              -- sha256 over the chain before and this row
    PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX log_position ON log (notification_id);

-- What eventsourcing sends its rows as.
CREATE TYPE stored_event_text AS (
    originator_id      text,
    originator_version bigint,
    topic              text,
    state              bytea
);

-- One key for the log's advisory lock, known to the recorder, to the guards and to every rebuild of an inline table.
CREATE FUNCTION log_lock_key() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT 7791130261407 $$;

-- The link of the chain: what is hashed, in which order. `verify` computes the same.
CREATE FUNCTION log_link(before bytea, pos bigint, stream text, version bigint, tag text, content bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(before || convert_to(pos::text || ' ' || stream || ' ' || version::text || ' ' || tag || ' ', 'UTF8') || content)
$$;

-- Every row is chained to the one before it. Appends hold the log's lock, so "before" is certain.
CREATE FUNCTION log_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before bytea;
BEGIN
    SELECT chain INTO before FROM log ORDER BY notification_id DESC LIMIT 1;
    NEW.chain := log_link(coalesce(before, ''::bytea), NEW.notification_id, NEW.originator_id, NEW.originator_version, NEW.topic, NEW.state);
    RETURN NEW;
END
$$;
CREATE FUNCTION log_take_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the log is appended to under READ COMMITTED only: another snapshot would fork the chain';
    END IF;
    PERFORM pg_advisory_xact_lock(log_lock_key());
    RETURN NULL;
END
$$;
CREATE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege', HINT = 'A fact is corrected by another fact.';
END
$$;
CREATE TRIGGER log_1_lock  BEFORE INSERT ON log FOR EACH STATEMENT EXECUTE FUNCTION log_take_lock();
CREATE TRIGGER log_2_chain BEFORE INSERT ON log FOR EACH ROW EXECUTE FUNCTION log_chain();
CREATE TRIGGER log_guard_rows BEFORE UPDATE OR DELETE ON log FOR EACH STATEMENT EXECUTE FUNCTION log_refuse();
CREATE TRIGGER log_guard_all  BEFORE TRUNCATE ON log FOR EACH STATEMENT EXECUTE FUNCTION log_refuse();
ALTER TABLE log ENABLE ALWAYS TRIGGER log_1_lock;
ALTER TABLE log ENABLE ALWAYS TRIGGER log_2_chain;
ALTER TABLE log ENABLE ALWAYS TRIGGER log_guard_rows;
ALTER TABLE log ENABLE ALWAYS TRIGGER log_guard_all;

-- The log for people: one line an event. Sealed fields show as {"sealed": …}.
CREATE VIEW log_readable AS
SELECT notification_id                                         AS position,
       originator_id                                           AS stream,
       originator_version                                      AS version,
       topic                                                   AS event,
       (convert_from(state, 'UTF8')::jsonb ->> 'recorded_at')::timestamptz AS recorded_at,
       convert_from(state, 'UTF8')::jsonb ->> 'who'            AS who,
       convert_from(state, 'UTF8')::jsonb ->> 'causation_id'   AS causation_id,
       convert_from(state, 'UTF8')::jsonb ->> 'correlation_id' AS correlation_id,
       convert_from(state, 'UTF8')::jsonb -> 'event'           AS content
FROM log;

-- How far each follower of the log got, in the transaction of its rows.
CREATE TABLE tracking (
    follower text   PRIMARY KEY,
    position bigint NOT NULL
);
-- Two leaders cannot both move on from the same place: the second one's whole transaction fails.
CREATE FUNCTION advance_tracking(who text, before bigint, after bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF before = 0 THEN
        INSERT INTO tracking (follower, position) VALUES (who, 0) ON CONFLICT DO NOTHING;
    END IF;
    UPDATE tracking SET position = after WHERE follower = who AND position = before;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'follower % is not at position %: another leader is at work', who, before;
    END IF;
END
$$;

-- ---- rebuilt, written in the append's own transaction ------------------------------------------------------------------

-- Which of our streams a remote record belongs to.
CREATE TABLE claims (
    connection text NOT NULL,
    system     text NOT NULL,
    kind       text NOT NULL,
    remote_id  text NOT NULL,
    stream     text NOT NULL,
    revision   text NOT NULL,  -- the newest of theirs that we recorded
    seen_at    timestamptz NOT NULL,
    active     boolean NOT NULL DEFAULT true,  -- false: shown inactive, or not there any more
    moved_to   text NOT NULL DEFAULT '',       -- the record of theirs that it was merged into
    changed_at timestamptz,                    -- while our own write is the newest: when that was, on their clock
    content_hash text NOT NULL DEFAULT '',     -- of the last sight: a page that shows it again is passed over
    starts     date,                           -- of a counted item: the first day on which QuickBooks takes a sale of it
    bundle     jsonb,                          -- of an active bundle: what it is called, as SKUs are compared, and its parts
    PRIMARY KEY (connection, system, kind, remote_id)
);
CREATE INDEX claims_stream ON claims (stream);
CREATE INDEX claims_bundles ON claims (connection) WHERE bundle IS NOT NULL;
CREATE INDEX claims_moved ON claims (connection, moved_to) WHERE moved_to <> '';

-- How much of a product each system last said is there.
CREATE TABLE stock_levels (
    connection text    NOT NULL,
    system     text    NOT NULL,
    remote_id  text    NOT NULL,
    level      text    NOT NULL,  -- all that it said, as JSON
    on_hand    numeric NOT NULL,
    PRIMARY KEY (connection, system, remote_id)
);

-- What orders take by SKU: as confirmed, as invoiced, and how much of it the last figure of QuickBooks holds.
CREATE TABLE demand (
    stream     text    NOT NULL,  -- of the order
    sku        text    NOT NULL,  -- as SKUs are compared
    connection text    NOT NULL,
    number     text    NOT NULL,  -- of the order
    quantity   numeric NOT NULL,            -- as the order shows it; 0 once it does not, or is not confirmed
    sent       numeric,                     -- as it was when the last attempt fixed its invoice
    invoiced   numeric NOT NULL DEFAULT 0,  -- as it was in the attempt that was taken last
    counted    numeric NOT NULL DEFAULT 0,  -- of that, what QuickBooks' figure has fallen by
    -- Whether the figure says something else than the order or its invoice. A column, as PostgreSQL knows how few those are by
    -- a column only: of the comparisons themselves it guesses that they hold for nearly all, and reads the whole table.
    is_open    boolean GENERATED ALWAYS AS (counted <> quantity OR counted <> invoiced) STORED,
    PRIMARY KEY (stream, sku)
);
CREATE INDEX demand_open ON demand (connection, sku) WHERE is_open;
CREATE INDEX demand_number ON demand (connection, number);

-- Whether an order's demand counts (the baseline's does not), the event that says it was invoiced last, and whether its
-- invoice was there first: what QuickBooks has invoiced by itself is in its figures.
CREATE TABLE demanding (
    stream           text    PRIMARY KEY,
    counts           boolean NOT NULL DEFAULT true,
    theirs           boolean NOT NULL DEFAULT false,
    invoiced_version bigint
);

-- What records are matched by: keyed hashes, never the texts. One row a key a sight shows.
CREATE TABLE match_keys (
    connection text NOT NULL,
    kind       text NOT NULL,
    system     text NOT NULL,
    remote_id  text NOT NULL,
    key        text NOT NULL,  -- 'name', 'email', 'reference', 'sku', 'number', 'mark'
    value      text NOT NULL,
    active     boolean NOT NULL,
    PRIMARY KEY (connection, kind, system, remote_id, key)
);
CREATE INDEX match_keys_value ON match_keys (connection, kind, key, value, system);

-- Short lists of QuickBooks that customers point into: terms and customer types, by id. They name nobody.
CREATE TABLE short_lists (
    connection text    NOT NULL,
    kind       text    NOT NULL,  -- 'term', 'customertype'
    remote_id  text    NOT NULL,
    name       text    NOT NULL,
    active     boolean NOT NULL,
    PRIMARY KEY (connection, kind, remote_id)
);

-- Every command that is not settled well: one row, saying only what the log says.
CREATE TABLE pending_work (
    command_id  text        PRIMARY KEY,
    connection  text        NOT NULL,
    stream      text        NOT NULL,
    verb        text        NOT NULL,
    target      text        NOT NULL,
    generation  integer     NOT NULL,
    priority    integer     NOT NULL,
    status      text        NOT NULL CHECK (status IN ('ready', 'held', 'running', 'unknown', 'refused', 'disputed')),
    reason      text        NOT NULL,
    next_step   text        NOT NULL,
    attempts    integer     NOT NULL,
    due_at      timestamptz NOT NULL,
    issued_at   timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL
);
CREATE INDEX pending_work_claim ON pending_work (connection, target, priority, issued_at, due_at) WHERE status IN ('ready', 'running', 'unknown');
CREATE INDEX pending_work_open ON pending_work (connection, target, priority, issued_at, due_at) WHERE status IN ('running', 'unknown');
CREATE INDEX pending_work_stream ON pending_work (stream);
CREATE INDEX pending_work_disputed ON pending_work (connection) WHERE status = 'disputed';
CREATE UNIQUE INDEX pending_work_lane ON pending_work (stream, target) WHERE status IN ('ready', 'held', 'running', 'unknown', 'disputed');

-- Creates that may have made something we have not recorded yet: what an unclaimed remote record is compared with.
CREATE TABLE open_creates (
    command_id text        PRIMARY KEY,
    connection text        NOT NULL,
    target     text        NOT NULL,
    kind       text        NOT NULL,
    stream     text        NOT NULL,
    started_at timestamptz NOT NULL
);
CREATE INDEX open_creates_kind ON open_creates (connection, target, kind);

-- One gate a connection: whether reads and writes may go, and from when orders are pushed.
CREATE TABLE gates (
    connection   text PRIMARY KEY,
    quickbooks   text NOT NULL,          -- 'new', 'open', 'ended'
    wizcommerce  text NOT NULL,          -- 'new', 'open', 'ended'
    paused       text NOT NULL,          -- '' or the reason
    push_from    timestamptz,
    pulled       text[] NOT NULL,        -- the first pulls that are done
    company      text NOT NULL,
    facts        jsonb NOT NULL,
    accepted     boolean NOT NULL DEFAULT false,  -- a person accepted the first sync
    choices      jsonb NOT NULL DEFAULT '{}',     -- what a person chose, by name; the rest is as `engine.domain.choices` says
    changed_at   timestamptz NOT NULL
);

-- ---- rebuilt by followers ------------------------------------------------------------------------------------------------

-- Which record here is which record there.
CREATE TABLE mapping (
    connection text        NOT NULL,
    kind       text        NOT NULL,
    stream     text        NOT NULL,
    system     text        NOT NULL,
    remote_id  text        NOT NULL,
    label      text        NOT NULL,  -- a document number or SKU; never a person's name
    how        text        NOT NULL,
    linked_at  timestamptz NOT NULL,
    PRIMARY KEY (connection, system, kind, remote_id)
);
CREATE INDEX mapping_stream ON mapping (stream);
CREATE INDEX mapping_label ON mapping (connection, label);

-- What happened, one line an event that a person would want to read; the words are made when it is read.
CREATE TABLE audit_trail (
    position    bigint      PRIMARY KEY,
    connection  text        NOT NULL,
    stream      text        NOT NULL,
    event       text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    who         text        NOT NULL,
    cause       text        NOT NULL,
    event_id    uuid        NOT NULL,
    direction   text        NOT NULL,  -- 'to quickbooks', 'to wizcommerce', 'from quickbooks', 'from wizcommerce', 'decision'
    summary     text        NOT NULL   -- without personal fields
);
CREATE INDEX audit_trail_time ON audit_trail (connection, recorded_at);
CREATE INDEX audit_trail_stream ON audit_trail (stream, position);
CREATE UNIQUE INDEX audit_trail_event ON audit_trail (event_id);

-- How each connection is: counts and last times.
CREATE TABLE health (
    connection text        NOT NULL,
    topic      text        NOT NULL,
    count      bigint      NOT NULL,
    last_at    timestamptz NOT NULL,
    note       text        NOT NULL,
    PRIMARY KEY (connection, topic)
);

-- Every product: where it stands, and how much of it each side says is there.
CREATE TABLE inventory (
    stream       text        PRIMARY KEY,
    connection   text        NOT NULL,
    sku          text        NOT NULL DEFAULT '',  -- as WizCommerce shows it, else the item's own
    name         text        NOT NULL DEFAULT '',
    item_type    text        NOT NULL DEFAULT '',
    state        text        NOT NULL DEFAULT '',  -- 'shown', 'not shown', 'held' or 'left' (see reason); '' before any of them
    reason       text        NOT NULL DEFAULT '',
    sentence     text        NOT NULL DEFAULT '',
    tracked      boolean     NOT NULL DEFAULT false,
    on_hand      numeric,                          -- QuickBooks' quantity on hand
    on_hand_at   timestamptz,
    in_stock     numeric,                          -- WizCommerce's stock record: what it took from us, or showed since
    reserved     numeric,
    available    numeric,
    shop_at      timestamptz,
    asked        text        NOT NULL DEFAULT '',  -- the request that is to set it, and what it asks for
    asked_level  jsonb
);
CREATE INDEX inventory_connection ON inventory (connection, sku);

-- What a person must look at, until it is cleared.
CREATE TABLE attention (
    stream    text        NOT NULL,
    topic     text        NOT NULL,
    sentence  text        NOT NULL,
    next_step text        NOT NULL,
    raised_at timestamptz NOT NULL,
    PRIMARY KEY (stream, topic)
);

-- react's own memory, written in the transaction of its appends and never reset by a rebuild.
CREATE TABLE react_waiting (
    key        text NOT NULL,
    stream     text NOT NULL,
    command_id text NOT NULL,
    sentence   text NOT NULL,
    PRIMARY KEY (key, command_id)
);
CREATE INDEX react_waiting_command ON react_waiting (command_id);
CREATE TABLE react_arrived (
    key     text NOT NULL,
    member  text NOT NULL,  -- which remote record; a key has arrived while it has exactly one
    because text NOT NULL,
    PRIMARY KEY (key, member)
);
CREATE INDEX react_arrived_member ON react_arrived (member);

-- Streams whose next event a step failed on: their later events wait, all others go on.
CREATE TABLE parked (
    step      text        NOT NULL,
    stream    text        NOT NULL,
    position  bigint      NOT NULL,
    problem   text        NOT NULL,
    parked_at timestamptz NOT NULL,
    released_by text    NOT NULL DEFAULT '',  -- a person let it go on; the step takes it up again
    PRIMARY KEY (step, stream)
);

-- ---- not from the log ----------------------------------------------------------------------------------------------------

-- Keys of streams, wrapped by the master key. A destroyed key has no wrapped value and never gets another.
CREATE TABLE data_keys (
    stream       text        PRIMARY KEY,
    wrapped      bytea,
    made_at      timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz
);

-- Tokens, one row a connection and system, encrypted as a whole by the master key.
CREATE TABLE credentials (
    connection  text        NOT NULL,
    system      text        NOT NULL,
    fingerprint text        NOT NULL,  -- keyed hash of the company's or tenant's id
    sealed      bytea       NOT NULL,  -- tokens, realm, expiry
    generation  bigint      NOT NULL,  -- moves with every refresh
    PRIMARY KEY (connection, system)
);
CREATE INDEX credentials_fingerprint ON credentials (system, fingerprint);

-- Links of our own that may be sent to a company's administrator: only their hash is kept.
CREATE TABLE connect_links (
    hash       text        PRIMARY KEY,
    connection text        NOT NULL,
    made_by    text        NOT NULL,
    expires_at timestamptz NOT NULL
);

-- OAuth `state` values: single use, expiring; only their hash is kept.
CREATE TABLE oauth_states (
    hash       text        PRIMARY KEY,
    connection text        NOT NULL,
    made_by    text        NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

-- Webhooks as they came, encrypted, once each.
CREATE TABLE inbox (
    id          bigserial   PRIMARY KEY,
    system      text        NOT NULL,
    digest      text        NOT NULL,
    sealed      bytea       NOT NULL,
    received_at timestamptz NOT NULL,
    repeats     integer     NOT NULL DEFAULT 0,
    opened_at   timestamptz,
    problem     text        NOT NULL DEFAULT '',
    UNIQUE (system, digest)
);
CREATE INDEX inbox_unopened ON inbox (id) WHERE opened_at IS NULL;

-- Something changed over there: what is to be fetched. One row a record; the lease is the record's lock.
CREATE TABLE signals (
    connection   text        NOT NULL,
    system       text        NOT NULL,
    kind         text        NOT NULL,
    remote_id    text        NOT NULL,
    cause        text        NOT NULL,
    raised_at    timestamptz NOT NULL,
    serial       bigint      NOT NULL,  -- moves with every new signal: a fetch begun before it does not complete it
    priority     integer     NOT NULL,  -- 0 fresh, 1 from a poll, 2 from a first sweep
    only_if_new  boolean     NOT NULL,  -- every hint so far said "created": needless once we have the record
    due_at       timestamptz NOT NULL,
    leased_until timestamptz,
    lease        text        NOT NULL DEFAULT '',
    tries        integer     NOT NULL DEFAULT 0,
    problem      text        NOT NULL DEFAULT '',
    merged_into  text        NOT NULL DEFAULT '',  -- a signal said that the record was merged into this one
    PRIMARY KEY (connection, system, kind, remote_id)
);
CREATE INDEX signals_due ON signals (priority, due_at);
CREATE SEQUENCE signal_serial;

-- Leases of commands: who is at work on what, until when.
CREATE TABLE work_leases (
    command_id text        PRIMARY KEY,
    connection text        NOT NULL,
    worker     text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX work_leases_places ON work_leases (connection, expires_at);

-- The commands of one connection and system that can be taken now, in the order in which they are taken. Each branch walks an index
-- that has the order, however many wait: left to choose, the planner sorts them all each time.
CREATE FUNCTION work_to_do(whose text, of_system text, pushes boolean, instant timestamptz) RETURNS SETOF pending_work
LANGUAGE plpgsql SET enable_sort = off SET enable_bitmapscan = off SET enable_seqscan = off AS $$
DECLARE
    work pending_work;
BEGIN
    IF pushes THEN
        SELECT * INTO work FROM pending_work w
        WHERE w.connection = whose AND w.target = of_system AND w.status IN ('ready', 'running', 'unknown')
            AND w.due_at <= instant
            AND NOT EXISTS (SELECT FROM work_leases l WHERE l.command_id = w.command_id AND l.expires_at > instant)
            AND NOT EXISTS (SELECT FROM parked p WHERE p.step = 'dispatch' AND p.stream = w.stream AND p.released_by = '')
        ORDER BY w.priority, w.issued_at, w.due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    ELSE
        SELECT * INTO work FROM pending_work w
        WHERE w.connection = whose AND w.target = of_system AND w.status IN ('running', 'unknown')
            AND w.due_at <= instant
            AND NOT EXISTS (SELECT FROM work_leases l WHERE l.command_id = w.command_id AND l.expires_at > instant)
            AND NOT EXISTS (SELECT FROM parked p WHERE p.step = 'dispatch' AND p.stream = w.stream AND p.released_by = '')
        ORDER BY w.priority, w.issued_at, w.due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    END IF;
    IF FOUND THEN
        RETURN NEXT work;
    END IF;
END
$$;

-- Leases a due command: of the connection with most places left, the oldest of the first priority over both systems. Four of a
-- connection's places are kept from either system: whoever has a place may wait for leave to call, and the slower system would
-- hold up the other. A lease need not outlive a crash: who else takes the command meets its attempt in the log.
CREATE FUNCTION claim_work(by_worker text, instant timestamptz, until timestamptz, at_once integer) RETURNS SETOF pending_work
LANGUAGE plpgsql AS $$
DECLARE
    way  record;
    work pending_work;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR way IN
        SELECT g.connection, g.quickbooks = 'open' AS quickbooks, g.wizcommerce = 'open' AS wizcommerce,
               g.accepted AND g.paused = '' AS pushes,
               u.in_quickbooks < greatest(at_once - 4, 3) AS room, u.in_wizcommerce < greatest(at_once - 4, 3) AS room_there
        FROM gates g CROSS JOIN LATERAL (
            SELECT count(*) AS taken, count(*) FILTER (WHERE w.target = 'quickbooks') AS in_quickbooks,
                   count(*) FILTER (WHERE w.target = 'wizcommerce') AS in_wizcommerce
            FROM work_leases l LEFT JOIN LATERAL (  -- LIMIT keeps it one look a lease, however many wait
                SELECT p.target FROM pending_work p WHERE p.command_id = l.command_id LIMIT 1
            ) w ON true
            WHERE l.connection = g.connection AND l.expires_at > instant AND l.worker <> ''
        ) u
        WHERE (g.quickbooks = 'open' OR g.wizcommerce = 'open') AND u.taken < at_once
        ORDER BY u.taken, g.connection
    LOOP
        FOR look IN 1..10 LOOP
            SELECT one.* INTO work FROM (
                SELECT * FROM work_to_do(way.connection, 'quickbooks', way.pushes, instant) WHERE way.quickbooks AND way.room
                UNION ALL
                SELECT * FROM work_to_do(way.connection, 'wizcommerce', way.pushes, instant)
                WHERE way.wizcommerce AND way.room_there
            ) one
            ORDER BY one.priority, one.issued_at, one.due_at LIMIT 1;
            EXIT WHEN NOT FOUND;
            INSERT INTO work_leases (command_id, connection, worker, expires_at)
                VALUES (work.command_id, work.connection, by_worker, until)
                ON CONFLICT (command_id) DO UPDATE SET worker = excluded.worker, expires_at = excluded.expires_at
                WHERE work_leases.expires_at <= instant;
            IF FOUND THEN  -- else somebody leased it just now: look again
                RETURN NEXT work;
                RETURN;
            END IF;
        END LOOP;
    END LOOP;
END
$$;

-- Where the polls got to. Losing a row only makes the next poll read more.
CREATE TABLE cursors (
    connection text        NOT NULL,
    what       text        NOT NULL,
    cursor     text        NOT NULL,
    due_at     timestamptz NOT NULL,
    leased_until timestamptz,
    -- the run under way, from its first page to its last; started_at NULL: none is
    asked_by   text        NOT NULL DEFAULT '',
    started_at timestamptz,
    cursor_from text       NOT NULL DEFAULT '',
    read       bigint      NOT NULL DEFAULT 0,
    changed    bigint      NOT NULL DEFAULT 0,
    held       bigint      NOT NULL DEFAULT 0,
    metered    bigint      NOT NULL DEFAULT 0,
    -- runs that found nothing, cost nothing and are in no log, since the last that is
    quiet_runs bigint      NOT NULL DEFAULT 0,
    quiet_at   timestamptz,
    PRIMARY KEY (connection, what)
);

-- Ids that a reading of everything has shown so far: those we hold that are not among them at its end are looked at singly.
CREATE TABLE swept (
    connection text NOT NULL,
    kind       text NOT NULL,
    remote_id  text NOT NULL,
    PRIMARY KEY (connection, kind, remote_id)
);

-- Rate counters: one row a connection and system, two token buckets.
CREATE TABLE budgets (
    connection    text             NOT NULL,
    system        text             NOT NULL,
    minute_tokens double precision NOT NULL,
    second_tokens double precision NOT NULL,
    counted_at    timestamptz      NOT NULL,
    PRIMARY KEY (connection, system)
);

-- Calls under way: unexpired rows are counted, so a killed worker's places come back by themselves.
CREATE TABLE call_leases (
    id         bigserial   PRIMARY KEY,
    connection text        NOT NULL,
    system     text        NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX call_leases_count ON call_leases (connection, system, expires_at);

-- Leave to make a call: the number of its lease; 0 and how many seconds to wait; 0 and 0 when it waits for a place.
-- A token is taken only together with a place. Buckets are never fuller than their bursts, and never emptier because a clock
-- was moved: a clock a little behind (another machine's) adds nothing until it has caught up; one that was set back by more
-- than `step` starts from where it is now. Nothing here need outlive a crash: leases run out by themselves.
CREATE FUNCTION take_leave(
    whose text, of_system text, asked_at timestamptz, at_once integer, per_second double precision,
    second_burst double precision, per_minute double precision, minute_burst double precision, lease interval, step interval,
    OUT lease_id bigint, OUT wait_seconds double precision
) LANGUAGE plpgsql AS $$
DECLARE
    bucket  budgets;
    instant timestamptz;
    elapsed double precision;
    kept    timestamptz;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '2s', true);
    SELECT * INTO bucket FROM budgets b WHERE b.connection = whose AND b.system = of_system FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO budgets (connection, system, second_tokens, minute_tokens, counted_at)
            VALUES (whose, of_system, second_burst, minute_burst, asked_at) ON CONFLICT DO NOTHING;
        SELECT * INTO bucket FROM budgets b WHERE b.connection = whose AND b.system = of_system FOR UPDATE;
    END IF;
    -- The asker's clock, now that the row is ours: leave is counted in the order it is given.
    instant := asked_at + (clock_timestamp() - statement_timestamp());
    elapsed := extract(epoch FROM instant - bucket.counted_at);
    kept := bucket.counted_at;
    bucket.second_tokens := least(second_burst, bucket.second_tokens + greatest(0, elapsed) * per_second);
    bucket.minute_tokens := least(minute_burst, bucket.minute_tokens + greatest(0, elapsed) * per_minute / 60);
    IF elapsed >= 0 OR instant < kept - step THEN
        bucket.counted_at := instant;
    END IF;
    lease_id := 0;
    wait_seconds := greatest(
        0, (1 - bucket.second_tokens) / per_second, (1 - bucket.minute_tokens) * 60 / per_minute);
    IF wait_seconds > 0 THEN
        IF bucket.counted_at < kept THEN  -- the clock was set back: count from here on, or it never refills
            UPDATE budgets b SET second_tokens = bucket.second_tokens, minute_tokens = bucket.minute_tokens,
                counted_at = bucket.counted_at WHERE b.connection = whose AND b.system = of_system;
        END IF;
        wait_seconds := wait_seconds + greatest(0, extract(epoch FROM bucket.counted_at - instant));
        RETURN;
    END IF;
    DELETE FROM call_leases l WHERE l.connection = whose AND l.system = of_system AND l.expires_at <= instant;
    -- Those from before the clock was set back are shortened.
    UPDATE call_leases l SET expires_at = instant + lease
        WHERE l.connection = whose AND l.system = of_system AND l.expires_at > instant + lease + step;
    IF (SELECT count(*) FROM call_leases l WHERE l.connection = whose AND l.system = of_system) >= at_once THEN
        RETURN;
    END IF;
    UPDATE budgets b SET second_tokens = bucket.second_tokens - 1, minute_tokens = bucket.minute_tokens - 1,
        counted_at = bucket.counted_at WHERE b.connection = whose AND b.system = of_system;
    INSERT INTO call_leases (connection, system, expires_at) VALUES (whose, of_system, instant + lease)
        RETURNING id INTO lease_id;
END
$$;

-- The call is over. Lost in a crash, the lease runs out by itself.
CREATE FUNCTION give_back_leave(lease bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    DELETE FROM call_leases WHERE id = lease;
END
$$;

INSERT INTO schema_version (version) VALUES (8);
