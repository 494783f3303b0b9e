-- Employers across cases: one sealed name each, with the other ways people write it.
create table employers (
    id text primary key,
    name bytea not null,                 -- sealed; kept while a case, a member of staff or staff's word holds it
    size text not null default 'unknown',
    district text,
    confirmed smallint not null default 0,
    added_at bigint not null
);

create table employer_names (
    mark text primary key,
    employer_id text not null references employers (id),
    key_hash bytea not null unique,      -- keyed hash of the form that is compared
    written bytea not null,              -- sealed: key and name as it was written
    added_by text not null,              -- 'system' or a staff id
    added_at bigint not null
);
create index employer_names_of on employer_names (employer_id);

-- Under which written name a case came to its employer; goes with the case.
create table employer_cases (
    case_id text primary key,
    mark text not null references employer_names (mark)
);
create index employer_cases_mark on employer_cases (mark);

-- Two employers whose names are near: undecided, or said by staff to be two.
create table employer_pairs (
    newer text not null references employers (id),
    older text not null references employers (id),
    score smallint not null,
    decided_by text,
    at bigint not null,
    primary key (newer, older)
);
create index employer_pairs_older on employer_pairs (older);

-- Proposals of a letter about a practice: never a person, a number of a case or a quotation.
create table employer_letters (
    id text primary key,
    employer_id text not null references employers (id),
    practice text not null,
    state text not null,
    proposed_at bigint not null,
    decided_by text,
    decided_at bigint,
    reason bytea                         -- sealed
);
create index employer_letters_of on employer_letters (employer_id, practice);
