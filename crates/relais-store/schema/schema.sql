-- The schema, one text for SQLite (STRICT) and PostgreSQL.
-- Tokens translated for PostgreSQL: BLOB → BYTEA, INTEGER → BIGINT, STRICT → nothing,
-- AUTOKEY → an identity primary key (SQLite: INTEGER PRIMARY KEY AUTOINCREMENT).
-- Every column carries its decision: `-- clear: why`, `-- sealed: class` or `-- token: kind`;
-- docs/data-map.md is generated from these comments.
-- Times are microseconds since 1970-01-01T00:00:00Z; ids are the 16 bytes of a UUID.
-- A `slot` names a subject key in the key file; slots are drawn from the key file's own
-- high-water mark (never from a counter in this database), so that a restored database
-- can never hand out a slot twice.

CREATE TABLE meta (
  name TEXT PRIMARY KEY,                 -- clear: name of a setting of the database
  value TEXT NOT NULL                    -- clear: schema version, drill or real, creation time
) STRICT;

CREATE TABLE deployment_clock (
  id INTEGER PRIMARY KEY CHECK (id = 1), -- clear: one row
  drill INTEGER NOT NULL,                -- clear: 1 when created as a drill
  drill_now INTEGER                      -- clear: the drill's time, or null for real time
) STRICT;

CREATE TABLE mechanism_version (
  hash TEXT PRIMARY KEY,                 -- clear: content address of a public document
  label TEXT NOT NULL,                   -- clear: version label
  bundle TEXT NOT NULL,                  -- clear: the whole mechanism, no personal data
  adopted_at INTEGER NOT NULL            -- clear: when it became current
) STRICT;

-- Directory ------------------------------------------------------------------------------

CREATE TABLE organisation (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  code TEXT NOT NULL UNIQUE,             -- clear: public code
  kind TEXT NOT NULL,                    -- clear: type of organisation
  parent_id BLOB,                        -- clear: tutelle
  region TEXT,                           -- clear: region; null where there is a slot
  status TEXT NOT NULL,                  -- clear: life of the entry
  state_body INTEGER NOT NULL,           -- clear: whether it is a State organisation
  demonstration INTEGER NOT NULL,        -- clear: marked as demonstration
  source TEXT,                           -- clear: import source
  external_key TEXT,                     -- clear: key in the import source; null where there is a slot
  content_hash TEXT,                     -- clear: fingerprint of the imported row
  slot INTEGER,                          -- clear: number of the key of an organisation that offers something confidential
  body TEXT NOT NULL,                    -- clear: the public entry as JSON; empty where there is a slot
  hidden BLOB,                           -- sealed: the entry, where there is a slot
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE place (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: organisation
  confidential INTEGER NOT NULL,         -- clear: whether its address is confidential
  body TEXT NOT NULL,                    -- clear: the public entry as JSON; empty where the organisation has a slot
  hidden BLOB,                           -- sealed: the entry, where the organisation has a slot
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE service (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: organisation
  place_id BLOB,                         -- clear: place; null where the organisation has a slot
  service_type TEXT NOT NULL,            -- clear: what is offered
  status TEXT NOT NULL,                  -- clear: life of the entry
  confidential INTEGER NOT NULL,         -- clear: absent from search
  renewed INTEGER NOT NULL,              -- clear: how often the code by which it is asked was replaced
  body TEXT NOT NULL,                    -- clear: the public entry as JSON; empty where the organisation has a slot
  hidden BLOB,                           -- sealed: the entry, where the organisation has a slot
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX service_organisation ON service (organisation_id);

CREATE TABLE programme (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: organisation that carries it
  body TEXT NOT NULL,                    -- clear: the entry as JSON; empty where the organisation has a slot
  hidden BLOB,                           -- sealed: the entry, where the organisation has a slot
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX programme_organisation ON programme (organisation_id);

CREATE TABLE entry_change (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: organisation
  entry_kind TEXT NOT NULL,              -- clear: organisation, place, service or programme
  entry_id BLOB NOT NULL,                -- clear: entry
  kind TEXT NOT NULL,                    -- clear: what was done: a change, or a step of the entry's life
  state TEXT NOT NULL,                   -- clear: done, or of a proposed change waiting, accepted, refused, replaced
  hand TEXT NOT NULL,                    -- clear: provider, office, clock, evidence of a referral, list
  made_by BLOB,                          -- clear: member of staff
  at INTEGER NOT NULL,                   -- clear: time
  decided_by BLOB,                       -- clear: member of staff
  decided_at INTEGER,                    -- clear: time
  body TEXT NOT NULL,                    -- clear: old and new values and words about them, as JSON; empty where the organisation has a slot
  hidden BLOB,                           -- sealed: the same, where the organisation has a slot
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX entry_change_entry ON entry_change (entry_id, seq);
CREATE INDEX entry_change_organisation ON entry_change (organisation_id, seq);
CREATE INDEX entry_change_waiting ON entry_change (seq) WHERE state = 'waiting';

-- What the steering committee decided of each entry stands in the entry and in its changes, sealed where they are.
CREATE TABLE ratification (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id made by its maker
  state TEXT NOT NULL,                   -- clear: the list for the session is prepared, or the session is noted
  prepared_at INTEGER NOT NULL,          -- clear: time at which the list was drawn up
  prepared_by BLOB NOT NULL,             -- clear: member of staff
  slot INTEGER NOT NULL,                 -- clear: number of the key of the list
  list BLOB,                             -- sealed: the entries put before the committee, each with a sign of what it said; until the session is noted
  held_on TEXT,                          -- clear: day of the session
  minutes TEXT,                          -- clear: reference of its minutes
  noted_at INTEGER,                      -- clear: time
  noted_by BLOB,                         -- clear: member of staff
  figures TEXT NOT NULL,                 -- clear: how many entries that everybody may see were on the list, ratified, set apart, left for the next session, as JSON
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE UNIQUE INDEX ratification_prepared ON ratification (state) WHERE state = 'prepared';

CREATE TABLE provider_silence (
  organisation_id BLOB PRIMARY KEY,      -- clear: provider
  unanswered INTEGER NOT NULL,           -- clear: referrals left unanswered since its last answer; none of the protected circuit
  withheld_at INTEGER                    -- clear: time since which it is not offered
) STRICT;

CREATE TABLE directory_version (
  id INTEGER PRIMARY KEY CHECK (id = 1), -- clear: one row
  version INTEGER NOT NULL               -- clear: grows with every change of the directory
) STRICT;

CREATE TABLE directory_step (
  version INTEGER PRIMARY KEY,           -- clear: version of the directory that differs from the one before in one service
  service_id BLOB NOT NULL               -- clear: that service
) STRICT;

CREATE TABLE agreement (
  id BLOB PRIMARY KEY,                   -- clear: id
  reference TEXT NOT NULL UNIQUE,        -- clear: number of the agreement
  kind TEXT NOT NULL,                    -- clear: kind
  until_date TEXT,                       -- clear: end date
  denounced_on TEXT,                     -- clear: denunciation
  body TEXT NOT NULL,                    -- clear: parties with their dates, data annex, as JSON
  version INTEGER NOT NULL               -- clear: version
) STRICT;

-- Accounts -------------------------------------------------------------------------------

CREATE TABLE user_account (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: organisation
  login TEXT NOT NULL UNIQUE,            -- clear: sign-in name of a member of staff
  display_name TEXT NOT NULL,            -- clear: name of a member of staff, shown to partners
  roles TEXT NOT NULL,                   -- clear: roles
  regions TEXT NOT NULL,                 -- clear: regions of a regional focal point
  language TEXT NOT NULL,                -- clear: language of the screens
  password_hash TEXT NOT NULL,           -- token: argon2id
  trained INTEGER NOT NULL,              -- clear: trained for restricted data
  active INTEGER NOT NULL,               -- clear: account open
  demonstration INTEGER NOT NULL,        -- clear: marked as demonstration
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE session (
  token_hash BLOB PRIMARY KEY,           -- token: SHA-256 of a random secret
  user_id BLOB NOT NULL,                 -- clear: user
  created_at INTEGER NOT NULL,           -- clear: time
  seen_at INTEGER NOT NULL,              -- clear: time
  expires_at INTEGER NOT NULL,           -- clear: time
  idle_minutes INTEGER NOT NULL,         -- clear: minutes without a touch after which it ends
  post_id BLOB                           -- clear: shared post at which it was begun
) STRICT;

CREATE TABLE api_token (
  token_hash BLOB PRIMARY KEY,           -- token: SHA-256 of a random secret
  user_id BLOB NOT NULL,                 -- clear: user
  label TEXT NOT NULL,                   -- clear: what the token is for
  created_at INTEGER NOT NULL,           -- clear: time
  expires_at INTEGER,                    -- clear: time
  revoked_at INTEGER                     -- clear: time
) STRICT;

CREATE TABLE post (
  id BLOB PRIMARY KEY,                   -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: organisation
  name TEXT NOT NULL,                    -- clear: name of a shared computer, as "Accueil 1"
  code_hash BLOB UNIQUE,                 -- token: SHA-256 of the code that ties a computer to the post, once
  code_until INTEGER,                    -- clear: time
  secret_hash BLOB UNIQUE,               -- token: SHA-256 of the random secret in the computer's cookie
  idle_minutes INTEGER NOT NULL,         -- clear: minutes without a touch after which the PIN is asked again
  active INTEGER NOT NULL,               -- clear: post open
  created_at INTEGER NOT NULL,           -- clear: time
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE user_pin (
  user_id BLOB PRIMARY KEY,              -- clear: user
  pin_hash TEXT NOT NULL,                -- token: argon2id
  set_at INTEGER NOT NULL,               -- clear: time
  tries INTEGER NOT NULL,                -- clear: wrong PINs since the last right one
  locked_until INTEGER,                  -- clear: time
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE held_form (
  user_id BLOB PRIMARY KEY,              -- clear: user who was typing
  slot INTEGER NOT NULL,                 -- clear: number of the subject key, which lies elsewhere
  body BLOB NOT NULL,                    -- sealed: all classes, as they were typed when a session ended, and the page to which it was to go
  at INTEGER NOT NULL                    -- clear: time
) STRICT;

-- People and cases -----------------------------------------------------------------------

CREATE TABLE person (
  id BLOB PRIMARY KEY,                   -- clear: id
  slot INTEGER NOT NULL,                 -- clear: number of the subject key, which lies elsewhere
  identity BLOB NOT NULL,                -- sealed: identity
  contact BLOB NOT NULL,                 -- sealed: contact
  created_at INTEGER NOT NULL,           -- clear: time
  erased_at INTEGER,                     -- clear: time of erasure
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE bucket (
  label INTEGER PRIMARY KEY,             -- token: keyed, another for every row: it tells no name and no other row of its bucket
  person BLOB NOT NULL                   -- token: id of the person, hidden under a key that no other row has
) STRICT;

CREATE TABLE bucket_of (
  person_id BLOB PRIMARY KEY,            -- clear: person
  labels BLOB NOT NULL                   -- sealed: identity; the rows under which the person is filed
) STRICT;

CREATE TABLE case_file (
  seq AUTOKEY,                           -- clear: server sequence; the case's code is made from it
  id BLOB NOT NULL UNIQUE,               -- clear: id
  person_id BLOB NOT NULL,               -- clear: person
  slot INTEGER NOT NULL,                 -- clear: number of the subject key, which lies elsewhere
  year INTEGER NOT NULL,                 -- clear: year of the code
  region TEXT NOT NULL,                  -- clear: region
  holder_id BLOB NOT NULL,               -- clear: organisation that holds the case
  assigned_user_id BLOB,                 -- clear: member of staff who works on it
  regime TEXT NOT NULL,                  -- clear: ordinary or protected
  state TEXT NOT NULL,                   -- clear: open, closed, ended
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  card BLOB NOT NULL,                    -- sealed: initials, age, sex, place below region
  opened_at INTEGER NOT NULL,            -- clear: time
  closed_at INTEGER,                     -- clear: time
  close_reason TEXT,                     -- clear: coded reason
  created_by BLOB NOT NULL,              -- clear: member of staff
  version INTEGER NOT NULL,              -- clear: version
  open_needs INTEGER NOT NULL DEFAULT 0, -- clear: its needs that are open or referred, counted with each write of one
  due_at INTEGER                         -- clear: time; the earliest limit of its needs and referrals, taken likewise
) STRICT;
CREATE INDEX case_holder ON case_file (holder_id, seq);
CREATE INDEX case_assigned ON case_file (assigned_user_id, seq);
-- A day reads what is open, however many cases were closed before.
CREATE INDEX case_holder_open ON case_file (holder_id, closed_at);
CREATE INDEX case_assigned_open ON case_file (assigned_user_id, closed_at);
-- Whom nobody follows is looked for among what is open, in its order.
CREATE INDEX case_unclaimed ON case_file (holder_id, seq) WHERE state = 'open';
CREATE INDEX case_protected ON case_file (regime) WHERE regime = 'protected' AND state = 'open';
-- What no count takes in.
CREATE INDEX case_untold ON case_file (id, regime, state) WHERE regime <> 'ordinary' OR state = 'ended';
CREATE INDEX case_person ON case_file (person_id);

CREATE TABLE family_member (
  family_id BLOB NOT NULL,               -- clear: family, an id that means nothing else
  case_id BLOB NOT NULL,                 -- clear: case of one member
  agreed_at INTEGER NOT NULL,            -- clear: when the person agreed that the link be noted
  agreed_with BLOB NOT NULL,             -- clear: member of staff who asked
  left_at INTEGER,                       -- clear: when the link was broken
  left_with BLOB,                        -- clear: member of staff who broke it
  PRIMARY KEY (family_id, case_id)
) STRICT;
CREATE INDEX family_member_case ON family_member (case_id);

-- An arrival of many: its list becomes rows, each with a key of its own, which becomes the
-- person's key on registration and is erased where nobody came.
CREATE TABLE arrival_group (
  seq AUTOKEY,                           -- clear: server sequence; the bracelets' numbers are made from it
  id BLOB NOT NULL UNIQUE,               -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: organisation that receives the arrival
  kind TEXT NOT NULL,                    -- clear: flight, bus, boat, other
  label TEXT NOT NULL,                   -- clear: number of the flight or bus, no person
  entry_point TEXT NOT NULL,             -- clear: code of the entry point
  expected_on TEXT NOT NULL,             -- clear: day
  state TEXT NOT NULL,                   -- clear: draft, open, closed
  lead_id BLOB NOT NULL,                 -- clear: member of staff who prepared it
  slot INTEGER NOT NULL,                 -- clear: number of the key of the uploaded list, which lies elsewhere
  list BLOB NOT NULL,                    -- sealed: the uploaded list until its rows are made, then empty
  next_number INTEGER NOT NULL,          -- clear: next number of a bracelet
  created_at INTEGER NOT NULL,           -- clear: time
  closed_at INTEGER,                     -- clear: time
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX arrival_group_organisation ON arrival_group (organisation_id, seq);

CREATE TABLE expected_person (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  group_id BLOB NOT NULL,                -- clear: arrival
  number INTEGER NOT NULL,               -- clear: number of the bracelet within the arrival
  family INTEGER,                        -- clear: number that the members of one family share within the arrival
  family_id BLOB,                        -- clear: family that they become, an id that means nothing else
  state TEXT NOT NULL,                   -- clear: waiting, taken, registered, absent, erased
  officer_id BLOB,                       -- clear: member of staff who has or had the row
  until_at INTEGER,                      -- clear: until when the row is theirs alone
  case_id BLOB UNIQUE,                   -- clear: case that the row became
  slot INTEGER NOT NULL,                 -- clear: number of the subject key, which lies elsewhere
  person BLOB NOT NULL,                  -- sealed: identity, contact; empty once registered or erased
  typed BLOB NOT NULL,                   -- sealed: all classes: answers typed and not yet registered, else empty
  registered_at INTEGER,                 -- clear: time
  version INTEGER NOT NULL,              -- clear: version
  UNIQUE (group_id, number)
) STRICT;
CREATE TABLE name_check (
  seq AUTOKEY,                           -- clear: server sequence
  user_id BLOB NOT NULL,                 -- clear: member of staff who looked
  organisation_id BLOB NOT NULL,         -- clear: organisation
  case_id BLOB,                          -- clear: case for which it was looked; null before there is one
  at INTEGER NOT NULL                    -- clear: time
) STRICT;
CREATE INDEX name_check_user ON name_check (user_id, at);

CREATE TABLE perhaps (
  case_id BLOB PRIMARY KEY,              -- clear: case for which it was looked, whether anything was found or not
  at INTEGER NOT NULL,                   -- clear: time
  found BLOB NOT NULL                    -- sealed: identity; files that may be of the same person, always as long
) STRICT;

CREATE TABLE same_ask (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case for which it is asked
  asker_id BLOB NOT NULL,                -- clear: organisation that asks
  holder_id BLOB NOT NULL,               -- clear: organisation that must answer
  state TEXT NOT NULL,                   -- clear: waiting, answered, lapsed
  step INTEGER NOT NULL,                 -- clear: last step of the wait, in percent
  asked_by BLOB NOT NULL,                -- clear: member of staff
  asked_at INTEGER NOT NULL,             -- clear: time
  due_from INTEGER NOT NULL,             -- clear: time
  due_at INTEGER NOT NULL,               -- clear: time
  clock TEXT NOT NULL,                   -- clear: in which time the limit runs
  calendar TEXT NOT NULL,                -- clear: version of the calendar used
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  detail BLOB NOT NULL,                  -- sealed: identity; the other case and the answer, under the key of the case for which it is asked
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX same_ask_case ON same_ask (case_id, seq);
CREATE INDEX same_ask_holder ON same_ask (holder_id, state, due_at, id);

CREATE TABLE joined (
  case_id BLOB PRIMARY KEY,              -- clear: the younger case, which points to the older
  into_id BLOB NOT NULL,                 -- clear: the older case, whose code stays
  by_user BLOB NOT NULL,                 -- clear: member of staff
  at INTEGER NOT NULL                    -- clear: time
) STRICT;
CREATE INDEX joined_into ON joined (into_id);

CREATE TABLE form_answers (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case
  form TEXT NOT NULL,                    -- clear: code of the form
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  answers BLOB NOT NULL,                 -- sealed: all classes
  by_user BLOB NOT NULL,                 -- clear: member of staff
  happened_at INTEGER NOT NULL,          -- clear: time
  typed_at INTEGER NOT NULL              -- clear: time
) STRICT;
CREATE INDEX form_answers_case ON form_answers (case_id, seq);

CREATE TABLE consent (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case
  line TEXT NOT NULL,                    -- clear: line of the form
  decision TEXT NOT NULL,                -- clear: granted, refused
  text_hash TEXT NOT NULL,               -- clear: notice that was read
  given_at INTEGER NOT NULL,             -- clear: time
  until_at INTEGER,                      -- clear: time
  withdrawn_at INTEGER,                  -- clear: time
  detail BLOB NOT NULL,                  -- sealed: recipient, classes, proof, language
  mechanism_hash TEXT NOT NULL           -- clear: version it was made under
) STRICT;
CREATE INDEX consent_case ON consent (case_id, seq);

CREATE TABLE case_plan (
  case_id BLOB PRIMARY KEY,              -- clear: case
  status TEXT NOT NULL,                  -- clear: where the plan stands
  review_at INTEGER,                     -- clear: time; null once the plan is over
  written_at INTEGER NOT NULL,           -- clear: time
  written_by BLOB NOT NULL,              -- clear: member of staff
  detail BLOB NOT NULL,                  -- sealed: what the person wants, goals, steps, who does them
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX case_plan_review ON case_plan (review_at);

CREATE TABLE case_closure (
  case_id BLOB PRIMARY KEY,              -- clear: case
  holder_id BLOB NOT NULL,               -- clear: organisation that holds the case
  state TEXT NOT NULL,                   -- clear: proposed, returned, closed, dropped
  proposed_by BLOB NOT NULL,             -- clear: member of staff
  proposed_at INTEGER NOT NULL,          -- clear: time
  due_from INTEGER NOT NULL,             -- clear: time
  due_at INTEGER NOT NULL,               -- clear: time
  clock TEXT NOT NULL,                   -- clear: in which time the limit runs
  calendar TEXT NOT NULL,                -- clear: version of the calendar
  lapses_at INTEGER NOT NULL,            -- clear: time
  confirmed TEXT,                        -- clear: reviewed, alone, unanswered
  decided_by BLOB,                       -- clear: member of staff
  decided_at INTEGER,                    -- clear: time
  follow_up_at INTEGER,                  -- clear: time
  detail BLOB NOT NULL,                  -- sealed: what was reached, what the person says, why it was sent back
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX case_closure_waiting ON case_closure (holder_id, state, due_at);
CREATE INDEX case_closure_follow_up ON case_closure (holder_id, follow_up_at);

CREATE TABLE need (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case
  group_code TEXT NOT NULL,              -- clear: group of the need when S3 or less, else "restricted"
  priority TEXT NOT NULL,                -- clear: priority
  state TEXT NOT NULL,                   -- clear: state
  reason TEXT,                           -- clear: coded reason of an unmet need
  owner_id BLOB NOT NULL,                -- clear: organisation that owns the need
  owner_role TEXT NOT NULL,              -- clear: role
  due_kind TEXT,                         -- clear: what is due
  due_from INTEGER,                      -- clear: time
  due_at INTEGER,                        -- clear: time
  calendar TEXT,                         -- clear: version of the calendar used
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  recorded_at INTEGER NOT NULL,          -- clear: time
  detail BLOB NOT NULL,                  -- sealed: service asked, words
  version INTEGER NOT NULL               -- clear: version
) STRICT;
-- Lists count and take the earliest limit from the index alone, without the wide rows.
CREATE INDEX need_case ON need (case_id, seq, state, due_at);
CREATE INDEX need_owner ON need (owner_id, state, due_at);
CREATE INDEX need_due ON need (due_at);
CREATE INDEX need_recorded ON need (recorded_at);

CREATE TABLE referral (
  seq AUTOKEY,                           -- clear: server sequence; the referral's code is made from it
  id BLOB NOT NULL UNIQUE,               -- clear: id
  need_id BLOB NOT NULL,                 -- clear: need
  case_id BLOB NOT NULL,                 -- clear: case
  year INTEGER NOT NULL,                 -- clear: year of the code
  region TEXT NOT NULL,                  -- clear: region of the service
  sender_id BLOB NOT NULL,               -- clear: organisation that sent it
  provider_id BLOB NOT NULL,             -- clear: organisation asked
  service_id BLOB,                       -- clear: service asked; null for a need above S3
  restricted INTEGER NOT NULL,           -- clear: need above S3
  priority TEXT NOT NULL,                -- clear: priority
  state TEXT NOT NULL,                   -- clear: state
  outcome TEXT,                          -- clear: outcome
  confirmation TEXT,                     -- clear: who confirmed
  decline_code TEXT,                     -- clear: coded reason
  owner_id BLOB,                         -- clear: organisation that must move
  owner_role TEXT,                       -- clear: role
  owner_side TEXT,                       -- clear: sender, provider, secretariat
  due_kind TEXT,                         -- clear: what is due
  due_from INTEGER,                      -- clear: time
  due_at INTEGER,                        -- clear: time
  calendar TEXT,                         -- clear: version of the calendar used
  sent_at INTEGER,                       -- clear: time
  ended_at INTEGER,                      -- clear: time
  previous_id BLOB,                      -- clear: referral before it in the chain
  progress TEXT NOT NULL,                -- clear: counters and times of the machine, as JSON
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  detail BLOB NOT NULL,                  -- sealed: service asked, words, accessibility, report, who pays and how much
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX referral_case ON referral (case_id, seq, due_at);
CREATE INDEX referral_need ON referral (need_id, seq);
-- An inbox in the order of its limits, then what ended last.
CREATE INDEX referral_provider ON referral (provider_id, due_at);
CREATE INDEX referral_provider_ended ON referral (provider_id, ended_at);
-- What waits, by whom it waits on.
CREATE INDEX referral_owner ON referral (owner_id, due_at, case_id) WHERE due_at IS NOT NULL;
CREATE INDEX referral_due ON referral (due_at);
CREATE INDEX referral_sent ON referral (sent_at);
-- What was asked of a provider in a window, without reading the rows.
CREATE INDEX referral_asked ON referral (provider_id, sent_at, restricted, state, case_id, id);

CREATE TABLE grant_row (
  id BLOB PRIMARY KEY,                   -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case
  holder_kind TEXT NOT NULL,             -- clear: user, organisation, service
  holder_id BLOB NOT NULL,               -- clear: who may see
  classes INTEGER NOT NULL,              -- clear: data classes of S3 or less, one bit each
  restricted BLOB NOT NULL,              -- sealed: data classes of S4, always of one length
  cause TEXT NOT NULL,                   -- clear: the event that caused it
  referral_id BLOB,                      -- clear: referral
  from_at INTEGER NOT NULL,              -- clear: time
  until_at INTEGER,                      -- clear: time
  detail TEXT NOT NULL                   -- clear: consents and agreement it rests on, as JSON of ids
) STRICT;
CREATE INDEX grant_holder ON grant_row (holder_id, case_id, from_at, until_at);
CREATE INDEX grant_case ON grant_row (case_id);

CREATE TABLE disclosure (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case
  referral_id BLOB,                      -- clear: referral
  recipient_id BLOB NOT NULL,            -- clear: organisation that received
  stage TEXT NOT NULL,                   -- clear: offer, accepted, transfer or emergency
  classes INTEGER NOT NULL,              -- clear: data classes of S3 or less, one bit each
  restricted BLOB NOT NULL,              -- sealed: data classes of S4, always of one length
  at INTEGER NOT NULL,                   -- clear: time
  basis TEXT NOT NULL                    -- clear: consents, agreement, regime, override, as JSON of ids
) STRICT;
CREATE INDEX disclosure_case ON disclosure (case_id, seq);
CREATE INDEX disclosure_at ON disclosure (at);

CREATE TABLE stop_request (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case
  recipient_id BLOB NOT NULL,            -- clear: organisation that must stop using what it received
  effect TEXT NOT NULL,                  -- clear: what the person wanted to stop
  classes INTEGER NOT NULL,              -- clear: data classes of S3 or less, one bit each
  restricted BLOB NOT NULL,              -- sealed: data classes of S4, always of one length
  referrals TEXT NOT NULL,               -- clear: referrals under which they were received, as JSON of ids
  asked_at INTEGER NOT NULL,             -- clear: time
  due_from INTEGER NOT NULL,             -- clear: time
  due_at INTEGER NOT NULL,               -- clear: time
  clock TEXT NOT NULL,                   -- clear: in which time the limit runs
  calendar TEXT NOT NULL,                -- clear: version of the calendar used
  ladder INTEGER NOT NULL,               -- clear: last step of the ladder, in percent
  confirmed_at INTEGER,                  -- clear: time
  confirmed_by BLOB,                     -- clear: member of staff
  channel TEXT,                          -- clear: how the confirmation came in
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX stop_request_case ON stop_request (case_id, seq);
CREATE INDEX stop_request_recipient ON stop_request (recipient_id, confirmed_at, due_at);

CREATE TABLE case_transfer (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case
  from_id BLOB NOT NULL,                 -- clear: organisation that held it
  to_id BLOB NOT NULL,                   -- clear: organisation asked to take it
  state TEXT NOT NULL,                   -- clear: state
  decline_code TEXT,                     -- clear: coded reason
  proposed_by BLOB NOT NULL,             -- clear: member of staff
  proposed_at INTEGER NOT NULL,          -- clear: time
  due_from INTEGER NOT NULL,             -- clear: time
  due_at INTEGER NOT NULL,               -- clear: time
  clock TEXT NOT NULL,                   -- clear: in which time the limit runs
  calendar TEXT NOT NULL,                -- clear: version of the calendar used
  reminded INTEGER NOT NULL,             -- clear: both sides were reminded
  ended_at INTEGER,                      -- clear: time
  ended_by BLOB,                         -- clear: member of staff
  mechanism_hash TEXT NOT NULL,          -- clear: version it was made under
  note BLOB NOT NULL,                    -- sealed: words of hand-over and answer
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX case_transfer_case ON case_transfer (case_id, seq);
CREATE INDEX case_transfer_to ON case_transfer (to_id, state, due_at);
CREATE INDEX case_transfer_from ON case_transfer (from_id, ended_at);

CREATE TABLE override_row (
  id BLOB PRIMARY KEY,                   -- clear: id
  case_id BLOB NOT NULL,                 -- clear: case
  referral_id BLOB,                      -- clear: referral that it is for, sent or to be sent; null for two hours
  kind TEXT NOT NULL,                    -- clear: VITAL, CHILD or LEGAL
  state TEXT NOT NULL,                   -- clear: waiting, cosigned, refused
  author_id BLOB NOT NULL,               -- clear: member of staff
  organisation_id BLOB NOT NULL,         -- clear: the author's organisation
  owner_id BLOB,                         -- clear: organisation that must co-sign; null for the secretariat
  owner_role TEXT NOT NULL,              -- clear: role
  at INTEGER NOT NULL,                   -- clear: time
  until_at INTEGER,                      -- clear: time
  cosign_due_at INTEGER NOT NULL,        -- clear: time
  decided_by BLOB,                       -- clear: member of staff who co-signed or refused
  decided_at INTEGER,                    -- clear: time
  reason BLOB NOT NULL,                  -- sealed: reason, need, recipient service and classes, answer of the co-signer
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX override_waiting ON override_row (state, owner_id, cosign_due_at);
CREATE INDEX override_case ON override_row (case_id);
CREATE INDEX override_author ON override_row (author_id, at);

CREATE TABLE emergency_try (
  seq AUTOKEY,                           -- clear: server sequence
  user_id BLOB NOT NULL,                 -- clear: member of staff whose code opened nothing
  at INTEGER NOT NULL                    -- clear: time
) STRICT;
CREATE INDEX emergency_try_user ON emergency_try (user_id, at);

CREATE TABLE shelter_try (
  seq AUTOKEY,                           -- clear: server sequence
  user_id BLOB NOT NULL,                 -- clear: member of staff whose code led to no confidential service
  at INTEGER NOT NULL                    -- clear: time
) STRICT;
CREATE INDEX shelter_try_user ON shelter_try (user_id, at);

-- Emergencies ----------------------------------------------------------------------------

CREATE TABLE call_round (
  id BLOB PRIMARY KEY,                   -- clear: id
  referral_id BLOB NOT NULL UNIQUE,      -- clear: referral for which is called
  case_id BLOB NOT NULL,                 -- clear: case, under whose key the calls lie
  state TEXT NOT NULL,                   -- clear: calling, taken, over
  opened_at INTEGER NOT NULL,            -- clear: time
  step_from INTEGER NOT NULL,            -- clear: time since which the number to call now is to be called
  step_until INTEGER NOT NULL,           -- clear: time at which the next one is proposed
  on_call INTEGER NOT NULL,              -- clear: 1 once whoever is on call was told
  ended_at INTEGER,                      -- clear: time
  detail BLOB NOT NULL,                  -- sealed: numbers called, what came of it, who is with the person, who took it
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE handover (
  id BLOB PRIMARY KEY,                   -- clear: id
  batch_id BLOB NOT NULL,                -- clear: cases handed over together
  case_id BLOB NOT NULL,                 -- clear: case
  organisation_id BLOB NOT NULL,         -- clear: organisation of both shifts
  from_user BLOB NOT NULL,               -- clear: member of staff who hands over
  to_user BLOB NOT NULL,                 -- clear: member of staff who is to take over
  state TEXT NOT NULL,                   -- clear: offered, taken, declined, withdrawn
  offered_at INTEGER NOT NULL,           -- clear: time
  until_at INTEGER NOT NULL,             -- clear: time
  decided_at INTEGER,                    -- clear: time
  note BLOB NOT NULL,                    -- sealed: what the next shift must know
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX handover_to ON handover (to_user, state);
CREATE INDEX handover_from ON handover (from_user, state);
CREATE INDEX handover_case ON handover (case_id, state);

CREATE TABLE on_call_line (
  id BLOB PRIMARY KEY,                   -- clear: id
  region TEXT NOT NULL,                  -- clear: region, or empty for the whole country
  rank INTEGER NOT NULL,                 -- clear: order in which the numbers are called
  who TEXT NOT NULL,                     -- clear: function and organisation on call, shown to partners
  number TEXT NOT NULL,                  -- clear: telephone of an organisation on call
  hours TEXT NOT NULL,                   -- clear: when somebody answers
  state_line INTEGER NOT NULL,           -- clear: 1 where the State runs it
  changed_by BLOB NOT NULL,              -- clear: member of staff
  changed_at INTEGER NOT NULL,           -- clear: time
  tested_by BLOB,                        -- clear: member of staff
  tested_at INTEGER,                     -- clear: time
  answered INTEGER NOT NULL,             -- clear: 1 where the last test call was answered
  version INTEGER NOT NULL,              -- clear: version
  UNIQUE (region, rank)
) STRICT;

-- Coordination -----------------------------------------------------------------------------

CREATE TABLE late_call (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  subject BLOB NOT NULL,                 -- clear: need or referral that was late
  case_id BLOB NOT NULL,                 -- clear: case, under whose key the words lie
  organisation_id BLOB NOT NULL,         -- clear: organisation called
  channel TEXT NOT NULL,                 -- clear: telephone or letter
  by_user BLOB NOT NULL,                 -- clear: member of staff of the mechanism's office
  at INTEGER NOT NULL,                   -- clear: time
  promised_on TEXT,                      -- clear: date promised
  words BLOB NOT NULL                    -- sealed: who answered, what was promised
) STRICT;
CREATE INDEX late_call_subject ON late_call (subject, seq);
CREATE INDEX late_call_at ON late_call (at);

CREATE TABLE provider_figure (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: provider
  from_at INTEGER NOT NULL,              -- clear: time
  until_at INTEGER NOT NULL,             -- clear: time
  asked INTEGER NOT NULL,                -- clear: count of requests, none restricted, none protected
  answered INTEGER NOT NULL,             -- clear: count
  late INTEGER NOT NULL,                 -- clear: count
  put_by BLOB NOT NULL,                  -- clear: member of staff
  put_at INTEGER NOT NULL,               -- clear: time
  reply_until INTEGER NOT NULL,          -- clear: time
  replied_at INTEGER,                    -- clear: time
  replied_by BLOB,                       -- clear: member of staff
  slot INTEGER NOT NULL,                 -- clear: subject key of the reply
  reply BLOB,                            -- sealed: the provider's words
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX provider_figure_of ON provider_figure (organisation_id, seq);
CREATE INDEX provider_figure_put ON provider_figure (put_at);

-- Registers of the institution ---------------------------------------------------------------

-- Which there are, and which are sealed, stands in the mechanism. None is about a case.
CREATE TABLE register_line (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id made by its maker
  register TEXT NOT NULL,                -- clear: code of its register
  state TEXT NOT NULL,                   -- clear: where it stands
  body TEXT NOT NULL,                    -- clear: what it says, as JSON: of an institution, or of whoever holds a function in one; empty where there is a slot
  slot INTEGER,                          -- clear: number of the key of a line of a sealed register
  hidden BLOB,                           -- sealed: what it says, where there is a slot
  made_at INTEGER NOT NULL,              -- clear: time
  made_by BLOB NOT NULL,                 -- clear: member of staff
  changed_at INTEGER NOT NULL,           -- clear: time
  changed_by BLOB NOT NULL,              -- clear: member of staff
  version INTEGER NOT NULL               -- clear: version
) STRICT;
CREATE INDEX register_line_of ON register_line (register, seq);

CREATE TABLE register_link (
  from_id BLOB NOT NULL,                 -- clear: line; none of a sealed register
  field TEXT NOT NULL,                   -- clear: its field
  to_id BLOB NOT NULL,                   -- clear: line that it links to
  PRIMARY KEY (from_id, field, to_id)
) STRICT;
CREATE INDEX register_link_to ON register_link (to_id);

CREATE TABLE register_change (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  line_id BLOB NOT NULL,                 -- clear: line
  at INTEGER NOT NULL,                   -- clear: time
  by_user BLOB NOT NULL,                 -- clear: member of staff
  version INTEGER NOT NULL,              -- clear: version of the line from then on
  state TEXT NOT NULL,                   -- clear: where it stood from then on
  body TEXT NOT NULL,                    -- clear: what it said from then on, as JSON; empty where there is a slot
  note TEXT NOT NULL,                    -- clear: why it changed, in words about no person; empty where there is a slot
  slot INTEGER,                          -- clear: number of the key of a line of a sealed register
  hidden BLOB                            -- sealed: what it said and why it changed, where there is a slot
) STRICT;
CREATE INDEX register_change_of ON register_change (line_id, seq);

-- Answers without an account ---------------------------------------------------------------

CREATE TABLE link (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  referral_id BLOB NOT NULL,             -- clear: referral that it opens
  case_id BLOB NOT NULL,                 -- clear: case, under whose key the code lies
  secret_hash BLOB UNIQUE,               -- token: SHA-256 of the random secret in the address; null until drawn
  code BLOB NOT NULL,                    -- sealed: the six digits said by telephone
  made_by BLOB,                          -- clear: member of staff; null when the sending made it
  made_at INTEGER NOT NULL,              -- clear: time
  expires_at INTEGER NOT NULL,           -- clear: time
  tries INTEGER NOT NULL,                -- clear: wrong codes typed
  opened_at INTEGER,                     -- clear: time
  session_hash BLOB UNIQUE,              -- token: SHA-256 of the random secret in the cookie of whoever opened it
  session_until INTEGER,                 -- clear: time
  answerer BLOB,                         -- sealed: name and telephone of whoever opened it
  answered_at INTEGER,                   -- clear: time
  replaced_at INTEGER                    -- clear: time at which a newer one took its place
) STRICT;
CREATE INDEX link_referral ON link (referral_id, seq);

CREATE TABLE slip (
  referral_id BLOB PRIMARY KEY,          -- clear: referral of which the paper speaks
  case_id BLOB NOT NULL,                 -- clear: case, under whose key the code lies
  code BLOB NOT NULL,                    -- sealed: the code printed on the slip
  made_by BLOB NOT NULL,                 -- clear: member of staff
  made_at INTEGER NOT NULL,              -- clear: time
  tries INTEGER NOT NULL                 -- clear: wrong codes typed
) STRICT;

-- Webhooks -------------------------------------------------------------------------------

-- Systems of organisations that are told that something happened to a referral of theirs: ids and the
-- kind of event, no person, no need, no label. The address may hold a secret of its own.
CREATE TABLE webhook (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  organisation_id BLOB NOT NULL,         -- clear: organisation whose system is told
  slot INTEGER NOT NULL,                 -- clear: number of the webhook's own key, which lies elsewhere
  detail BLOB NOT NULL,                  -- sealed: address of the system and the secret that signs, no person; empty once ended
  state TEXT NOT NULL,                   -- clear: active, failing, stopped, ended
  made_by BLOB,                          -- clear: member of staff; null on the command line
  created_at INTEGER NOT NULL,           -- clear: time
  ended_at INTEGER,                      -- clear: time
  tries INTEGER NOT NULL,                -- clear: failures since the last success
  next_at INTEGER,                       -- clear: nothing is sent before
  lease_until INTEGER,                   -- clear: until when one process sends alone
  tried_at INTEGER,                      -- clear: time of the last try
  answer TEXT                            -- clear: what came of it: an HTTP status or a code
) STRICT;

CREATE TABLE webhook_delivery (
  seq AUTOKEY,                           -- clear: server sequence, the order in which they go
  id BLOB NOT NULL UNIQUE,               -- clear: id of the notification, the same when it is sent again
  webhook_id BLOB NOT NULL,              -- clear: webhook
  kind TEXT NOT NULL,                    -- clear: kind of event, or "test"
  referral_id BLOB,                      -- clear: referral; null for a test
  version INTEGER,                       -- clear: version of the referral after the event
  at INTEGER NOT NULL                    -- clear: time
) STRICT;
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, seq);

-- Complaints -----------------------------------------------------------------------------

-- Every row looks alike: what it is about, against whom, who may read it and who has read it stand in the
-- sealed detail, so that no column tells a complaint of sexual abuse from one about a queue.
CREATE TABLE complaint (
  seq AUTOKEY,                           -- clear: server sequence; shown to nobody
  id BLOB NOT NULL UNIQUE,               -- clear: id
  slot INTEGER NOT NULL,                 -- clear: number of the complaint's own key, which lies elsewhere
  number TEXT NOT NULL UNIQUE,           -- clear: random number told to the complainant, in no order
  code BLOB NOT NULL,                    -- token: keyed digest of the code shown once to the complainant
  state TEXT NOT NULL,                   -- clear: received, acknowledged, decided, closed; the same for every kind
  received_at INTEGER NOT NULL,          -- clear: time
  due_at INTEGER,                        -- clear: time; the same limit for every kind
  detail BLOB NOT NULL,                  -- sealed: kind, facts, whom it concerns, safe contact, readers, words, decisions
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE complaint_recipient (
  user_id BLOB PRIMARY KEY,              -- clear: member of staff named by the deployment
  list TEXT NOT NULL,                    -- clear: outside (abuse), committee (about the secretariat)
  rank INTEGER NOT NULL,                 -- clear: order
  set_at INTEGER NOT NULL                -- clear: time
) STRICT;

-- Logs, clocks, messages -----------------------------------------------------------------

CREATE TABLE stream_head (
  stream BLOB PRIMARY KEY,               -- clear: case, or another chained stream
  seq INTEGER NOT NULL,                  -- clear: number of the last event
  link BLOB NOT NULL,                    -- token: keyed link of the last event
  covered INTEGER NOT NULL               -- clear: number of the event that the last checkpoint covers
) STRICT;
CREATE INDEX stream_head_open ON stream_head (stream) WHERE covered <> seq;

CREATE TABLE event (
  stream BLOB NOT NULL,                  -- clear: case
  seq INTEGER NOT NULL,                  -- clear: number in the stream
  subject BLOB NOT NULL,                 -- clear: need, referral, consent concerned
  kind TEXT NOT NULL,                    -- clear: kind of event
  meta TEXT NOT NULL,                    -- clear: state, codes, actor, channel, mechanism, as JSON without personal data
  happened_at INTEGER NOT NULL,          -- clear: time
  typed_at INTEGER NOT NULL,             -- clear: time
  sealed BLOB NOT NULL,                  -- sealed: words of the event
  link BLOB NOT NULL,                    -- token: keyed link over the link before, the metadata and the ciphertext
  PRIMARY KEY (stream, seq)
) STRICT;
-- With what a provider's figures ask of each referral: among a million cases its row is on a page of its own.
CREATE INDEX event_subject ON event (subject, seq, kind, happened_at);

CREATE TABLE checkpoint (
  seq AUTOKEY,                           -- clear: server sequence
  at INTEGER NOT NULL,                   -- clear: time
  heads INTEGER NOT NULL,                -- clear: number of streams
  digest BLOB NOT NULL,                  -- token: keyed digest over all heads
  body TEXT NOT NULL,                    -- clear: what the digest covers, as JSON of ids and numbers
  link BLOB NOT NULL                     -- token: keyed link over the checkpoint before
) STRICT;

CREATE TABLE access_log (
  seq AUTOKEY,                           -- clear: server sequence
  at INTEGER NOT NULL,                   -- clear: time
  user_id BLOB,                          -- clear: member of staff
  organisation_id BLOB,                  -- clear: organisation
  route TEXT NOT NULL,                   -- clear: pattern of the route, without its values
  purpose TEXT NOT NULL,                 -- clear: purpose
  cases BLOB NOT NULL                    -- clear: ids of the cases shown, sixteen bytes each
) STRICT;

CREATE TABLE due_work (
  subject BLOB NOT NULL,                 -- clear: need, referral, override, arrival
  kind TEXT NOT NULL,                    -- clear: what is to be done
  due_at INTEGER NOT NULL,               -- clear: time
  state_version INTEGER NOT NULL,        -- clear: version it was set for
  lease_until INTEGER,                   -- clear: time
  PRIMARY KEY (subject, kind, due_at)
) STRICT;
CREATE INDEX due_at ON due_work (due_at);

CREATE TABLE outbox (
  seq AUTOKEY,                           -- clear: server sequence
  at INTEGER NOT NULL,                   -- clear: time
  kind TEXT NOT NULL,                    -- clear: kind of notice; its text carries no personal data
  organisation_id BLOB,                  -- clear: recipient
  role TEXT,                             -- clear: recipient's role
  subject BLOB NOT NULL,                 -- clear: referral or need
  sent_at INTEGER,                       -- clear: time
  tries INTEGER NOT NULL,                -- clear: how often it was taken to be sent
  next_at INTEGER                        -- clear: when it may be taken next; null when it is done with
) STRICT;
CREATE INDEX outbox_recipient ON outbox (organisation_id, seq);
CREATE INDEX outbox_next ON outbox (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE request_log (
  maker BLOB NOT NULL,                   -- clear: user
  kind TEXT NOT NULL,                    -- clear: kind of record
  id BLOB NOT NULL,                      -- clear: id made by its maker
  body_hash BLOB NOT NULL,               -- token: keyed digest of the request
  answer TEXT NOT NULL,                  -- clear: ids and version of what was made, as JSON
  at INTEGER NOT NULL,                   -- clear: time
  PRIMARY KEY (maker, kind, id)
) STRICT;

CREATE TABLE counter_cell (
  month TEXT NOT NULL,                   -- clear: month
  region TEXT NOT NULL,                  -- clear: region
  group_code TEXT NOT NULL,              -- clear: group of the need, or "restricted"
  measure TEXT NOT NULL,                 -- clear: what is counted
  value INTEGER NOT NULL,                -- clear: count
  PRIMARY KEY (month, region, group_code, measure)
) STRICT;

CREATE TABLE directory_import (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id made by its maker
  at INTEGER NOT NULL,                   -- clear: time
  by_user BLOB,                          -- clear: member of staff; null for the command line
  kind TEXT NOT NULL,                    -- clear: what was read: our table or HSDS, or a list of facilities; or that two entries were merged, or are two
  source TEXT NOT NULL,                  -- clear: name of the source
  state TEXT NOT NULL,                   -- clear: previewed, running, done, undone or partly undone
  figures TEXT NOT NULL,                 -- clear: how many lines became what, or which two entries, as JSON
  slot INTEGER,                          -- clear: number of the key of a file that waits
  file BLOB,                             -- sealed: a file with its mapping, from its preview until it is carried out
  version INTEGER NOT NULL               -- clear: version
) STRICT;

CREATE TABLE directory_import_entry (
  seq AUTOKEY,                           -- clear: server sequence
  id BLOB NOT NULL UNIQUE,               -- clear: id
  import_id BLOB NOT NULL,               -- clear: import
  kind TEXT NOT NULL,                    -- clear: organisation, place, programme or service
  entry_id BLOB NOT NULL,                -- clear: entry
  organisation_id BLOB NOT NULL,         -- clear: its organisation
  undone INTEGER NOT NULL,               -- clear: whether it is as it was before
  body TEXT NOT NULL,                    -- clear: the public entry as it was and a digest of what it became, as JSON; empty where the organisation has a slot
  hidden BLOB                            -- sealed: the same, where the organisation has a slot
) STRICT;
CREATE INDEX directory_import_entry_of ON directory_import_entry (import_id, seq);
CREATE INDEX directory_import_entry_organisation ON directory_import_entry (organisation_id);

CREATE TABLE directory_mapping (
  name TEXT NOT NULL UNIQUE,             -- clear: name of the mapping
  body TEXT NOT NULL,                    -- clear: which column of a partner's file holds what, as JSON
  version INTEGER NOT NULL               -- clear: version
) STRICT;
