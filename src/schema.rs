// @generated automatically by Diesel CLI.

diesel::table! {
    api_key (id) {
        id -> Uuid,
        hash -> Bytea,
        name -> Text,
        venue_id -> Uuid,
        organisation_id -> Nullable<Uuid>,
        made_by -> Uuid,
        scopes -> Array<Nullable<Text>>,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    approval (id) {
        id -> Uuid,
        booking_id -> Uuid,
        approver_id -> Uuid,
        at -> Timestamptz,
        void_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    area (id) {
        id -> Uuid,
        space_id -> Uuid,
        slug -> Text,
        position -> Int4,
        initial_layout_version_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    audit_entry (id) {
        id -> Uuid,
        at -> Timestamptz,
        actor_id -> Nullable<Uuid>,
        action -> Text,
        object_kind -> Text,
        object_id -> Nullable<Uuid>,
        fields -> Array<Nullable<Text>>,
        address -> Text,
        venue_id -> Nullable<Uuid>,
        people -> Array<Nullable<Uuid>>,
    }
}

diesel::table! {
    block_type (id) {
        id -> Uuid,
        venue_id -> Uuid,
        code -> Text,
        width -> Int4,
        depth -> Int4,
        height_mm -> Int4,
        max_z -> Int4,
        handle_s -> Int4,
        loaded_s -> Int4,
        salon_seats -> Int4,
        anchors -> Bool,
    }
}

diesel::table! {
    booking (id) {
        id -> Uuid,
        reference -> Text,
        space_id -> Uuid,
        state -> Text,
        during -> Tstzrange,
        access_before_min -> Int4,
        access_after_min -> Int4,
        tail_min -> Int4,
        released_at -> Nullable<Timestamptz>,
        layout_version_id -> Nullable<Uuid>,
        area_ids -> Array<Nullable<Uuid>>,
        holds_slot -> Bool,
        offer_for -> Nullable<Uuid>,
        event_type -> Text,
        title -> Text,
        title_public -> Bool,
        attendance -> Int4,
        needs -> Text,
        organisation_id -> Nullable<Uuid>,
        requester_id -> Nullable<Uuid>,
        contact_name -> Text,
        contact_email -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        locale -> Text,
        approval_steps -> Int4,
        expires_at -> Nullable<Timestamptz>,
        prolonged -> Bool,
        check_in -> Bool,
        arrive_by -> Nullable<Timestamptz>,
        sequence -> Int4,
        revision -> Int4,
        created_at -> Timestamptz,
        guest_link -> Nullable<Uuid>,
    }
}

diesel::table! {
    booking_event (id) {
        id -> Uuid,
        booking_id -> Uuid,
        at -> Timestamptz,
        event -> Text,
        from_state -> Nullable<Text>,
        to_state -> Text,
        actor_id -> Nullable<Uuid>,
        reason -> Text,
        overrides -> Jsonb,
        changes -> Nullable<Jsonb>,
        by_guest -> Bool,
        by_staff -> Bool,
    }
}

diesel::table! {
    calendar_day (venue_id, date) {
        venue_id -> Uuid,
        date -> Date,
        name -> Text,
        is_off_day -> Bool,
    }
}

diesel::table! {
    catalogue_revision (one) {
        one -> Bool,
        number -> Int8,
    }
}

diesel::table! {
    change_request (id) {
        id -> Uuid,
        booking_id -> Uuid,
        state -> Text,
        during -> Tstzrange,
        access_before_min -> Int4,
        access_after_min -> Int4,
        layout_version_id -> Nullable<Uuid>,
        area_ids -> Array<Nullable<Uuid>>,
        attendance -> Int4,
        reason -> Text,
        requested_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        decided_by -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        decision_reason -> Text,
    }
}

diesel::table! {
    changeover_fault (area_id, from_version_id, to_version_id) {
        area_id -> Uuid,
        from_version_id -> Uuid,
        to_version_id -> Uuid,
        reason -> Text,
        basis -> Int4,
    }
}

diesel::table! {
    changeover_job (changeover_id) {
        changeover_id -> Uuid,
        crew_id -> Uuid,
        planned -> Tstzrange,
        started_at -> Timestamptz,
        started_by -> Uuid,
        finished_at -> Nullable<Timestamptz>,
        finished_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    changeover_time (area_id, from_version_id, to_version_id) {
        area_id -> Uuid,
        from_version_id -> Uuid,
        to_version_id -> Uuid,
        minutes -> Int4,
        work_s -> Nullable<Int4>,
        moves -> Nullable<Jsonb>,
        basis -> Int4,
        makespan_s -> Nullable<Int4>,
    }
}

diesel::table! {
    closure (id) {
        id -> Uuid,
        space_id -> Uuid,
        area_ids -> Array<Nullable<Uuid>>,
        during -> Tstzrange,
        reason -> Text,
        created_by -> Uuid,
        created_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    crew (id) {
        id -> Uuid,
        pool_id -> Uuid,
        name -> Text,
        teams -> Int4,
        weekly -> Jsonb,
    }
}

diesel::table! {
    crew_shift (id) {
        id -> Uuid,
        crew_id -> Uuid,
        during -> Tstzrange,
    }
}

diesel::table! {
    floor (space_id) {
        space_id -> Uuid,
        width -> Int4,
        height -> Int4,
        module_mm -> Int4,
        rows -> Array<Nullable<Text>>,
        areas -> Array<Nullable<Text>>,
        revision -> Int4,
        basis -> Int4,
        rules -> Jsonb,
    }
}

diesel::table! {
    guest_request (id) {
        id -> Uuid,
        email -> Text,
        network -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    hours_exception (id) {
        id -> Uuid,
        venue_id -> Uuid,
        space_id -> Nullable<Uuid>,
        date -> Date,
        hours -> Jsonb,
        reason -> Text,
    }
}

diesel::table! {
    idempotency (caller, key) {
        caller -> Uuid,
        key -> Text,
        fingerprint -> Bytea,
        status -> Int2,
        answer -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    invitation (link_id) {
        link_id -> Uuid,
        organisation_id -> Uuid,
        role -> Text,
        invited_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    layout (id) {
        id -> Uuid,
        space_id -> Uuid,
        slug -> Text,
        purpose -> Text,
        name_zh -> Text,
        name_en -> Text,
    }
}

diesel::table! {
    layout_need (layout_version_id, area_id, block_type_id) {
        layout_version_id -> Uuid,
        area_id -> Uuid,
        block_type_id -> Uuid,
        count -> Int4,
    }
}

diesel::table! {
    layout_picture (layout_version_id) {
        layout_version_id -> Uuid,
        png -> Bytea,
        alt_zh -> Text,
        alt_en -> Text,
        made_at -> Timestamptz,
    }
}

diesel::table! {
    layout_version (id) {
        id -> Uuid,
        layout_id -> Uuid,
        number -> Int4,
        state -> Text,
        placements -> Jsonb,
        zones -> Jsonb,
        gates -> Jsonb,
        seats_required -> Int4,
        capacity -> Int4,
        seats -> Int4,
        published_at -> Nullable<Timestamptz>,
        bookable_at -> Nullable<Timestamptz>,
        revision -> Int4,
    }
}

diesel::table! {
    layout_version_area (layout_version_id, area_id) {
        layout_version_id -> Uuid,
        area_id -> Uuid,
    }
}

diesel::table! {
    mail_address (address) {
        address -> Text,
        confirmed_at -> Nullable<Timestamptz>,
        bounced_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    mail_link (id) {
        id -> Uuid,
        hash -> Bytea,
        purpose -> Text,
        email -> Text,
        user_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    membership (organisation_id, user_id) {
        organisation_id -> Uuid,
        user_id -> Uuid,
        role -> Text,
        since -> Timestamptz,
    }
}

diesel::table! {
    message (id) {
        id -> Uuid,
        kind -> Text,
        booking_id -> Nullable<Uuid>,
        recipient_id -> Nullable<Uuid>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        locale -> Text,
        payload -> Jsonb,
        dedupe_key -> Text,
        state -> Text,
        tries -> Int4,
        next_try_at -> Timestamptz,
        last_error -> Nullable<Text>,
        sent_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        venue_id -> Nullable<Uuid>,
        waits_for -> Nullable<Text>,
        waits_until -> Nullable<Timestamptz>,
        failure -> Nullable<Text>,
        called_at -> Nullable<Timestamptz>,
        called_by -> Nullable<Uuid>,
        redacted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    notification_setting (user_id) {
        user_id -> Uuid,
        digest_at -> Nullable<Time>,
        off -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    occupancy (id) {
        id -> Uuid,
        area_id -> Uuid,
        kind -> Text,
        during -> Tstzrange,
        booking_id -> Nullable<Uuid>,
        layout_version_id -> Nullable<Uuid>,
        from_version_id -> Nullable<Uuid>,
        to_version_id -> Nullable<Uuid>,
        crew_id -> Nullable<Uuid>,
        required_min -> Nullable<Int4>,
        closure_id -> Nullable<Uuid>,
        written_at -> Timestamptz,
    }
}

diesel::table! {
    organisation (id) {
        id -> Uuid,
        venue_id -> Uuid,
        kind -> Text,
        name -> Text,
        credit_code -> Nullable<Text>,
        state -> Text,
        created_at -> Timestamptz,
        decided_at -> Nullable<Timestamptz>,
        decided_by -> Nullable<Uuid>,
        refusal -> Text,
    }
}

diesel::table! {
    pool (id) {
        id -> Uuid,
        venue_id -> Uuid,
        slug -> Text,
        name -> Text,
    }
}

diesel::table! {
    pool_stock (pool_id, block_type_id) {
        pool_id -> Uuid,
        block_type_id -> Uuid,
        owned -> Int4,
        out_of_service -> Int4,
    }
}

diesel::table! {
    question (id) {
        id -> Uuid,
        booking_id -> Uuid,
        asked -> Text,
        asked_by -> Uuid,
        asked_at -> Timestamptz,
        answer -> Nullable<Text>,
        answered_by -> Nullable<Uuid>,
        answered_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    recovery_code (user_id, hash) {
        user_id -> Uuid,
        hash -> Bytea,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    refresh_token (hash) {
        hash -> Bytea,
        sign_in_id -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    registration (link_id) {
        link_id -> Uuid,
        name -> Text,
        phone -> Nullable<Text>,
        locale -> Text,
        password_hash -> Text,
    }
}

diesel::table! {
    second_factor (id) {
        id -> Uuid,
        user_id -> Uuid,
        confirmed_at -> Nullable<Timestamptz>,
        last_step -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    sign_in (id) {
        id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
        device -> Text,
        ended_at -> Nullable<Timestamptz>,
        ended_because -> Nullable<Text>,
    }
}

diesel::table! {
    sign_in_failure (subject) {
        subject -> Text,
        failures -> Int4,
        last_at -> Timestamptz,
    }
}

diesel::table! {
    space (id) {
        id -> Uuid,
        venue_id -> Uuid,
        slug -> Text,
        position -> Int4,
        kind -> Text,
        name_zh -> Text,
        name_en -> Text,
        description -> Text,
        area_m2 -> Nullable<Int4>,
        people_cap -> Int4,
        turnaround_min -> Int4,
        pool_id -> Nullable<Uuid>,
        hours -> Nullable<Jsonb>,
        bookable_hours -> Nullable<Jsonb>,
        policy -> Jsonb,
        active -> Bool,
        revision -> Int4,
    }
}

diesel::table! {
    staff_invitation (link_id) {
        link_id -> Uuid,
        venue_id -> Uuid,
        space_id -> Nullable<Uuid>,
        role -> Text,
        invited_by -> Uuid,
    }
}

diesel::table! {
    staff_role (id) {
        id -> Uuid,
        user_id -> Uuid,
        venue_id -> Uuid,
        space_id -> Nullable<Uuid>,
        role -> Text,
        granted_at -> Timestamptz,
        granted_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    task (id) {
        id -> Uuid,
        venue_id -> Uuid,
        kind -> Text,
        booking_id -> Nullable<Uuid>,
        area_id -> Nullable<Uuid>,
        detail -> Jsonb,
        created_at -> Timestamptz,
        done_at -> Nullable<Timestamptz>,
        done_by -> Nullable<Uuid>,
        taken_at -> Nullable<Timestamptz>,
        taken_by -> Nullable<Uuid>,
    }
}

diesel::table! {
    task_event (id) {
        id -> Uuid,
        task_id -> Uuid,
        at -> Timestamptz,
        event -> Text,
        actor_id -> Uuid,
    }
}

diesel::table! {
    tenant (venue_id, credit_code) {
        venue_id -> Uuid,
        credit_code -> Text,
        name -> Text,
        email -> Nullable<Text>,
        imported_at -> Timestamptz,
    }
}

diesel::table! {
    user (id) {
        id -> Uuid,
        email -> Text,
        phone -> Nullable<Text>,
        name -> Text,
        locale -> Text,
        password_hash -> Text,
        verified_at -> Nullable<Timestamptz>,
        disabled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    venue (id) {
        id -> Uuid,
        slug -> Text,
        name_zh -> Text,
        name_en -> Text,
        time_zone -> Text,
        hours -> Jsonb,
        policy -> Jsonb,
        revision -> Int4,
        created_at -> Timestamptz,
    }
}

diesel::joinable!(api_key -> organisation (organisation_id));
diesel::joinable!(api_key -> user (made_by));
diesel::joinable!(api_key -> venue (venue_id));
diesel::joinable!(approval -> booking (booking_id));
diesel::joinable!(approval -> user (approver_id));
diesel::joinable!(area -> layout_version (initial_layout_version_id));
diesel::joinable!(area -> space (space_id));
diesel::joinable!(block_type -> venue (venue_id));
diesel::joinable!(booking -> organisation (organisation_id));
diesel::joinable!(booking -> space (space_id));
diesel::joinable!(booking -> user (requester_id));
diesel::joinable!(booking_event -> booking (booking_id));
diesel::joinable!(booking_event -> user (actor_id));
diesel::joinable!(calendar_day -> venue (venue_id));
diesel::joinable!(change_request -> booking (booking_id));
diesel::joinable!(change_request -> layout_version (layout_version_id));
diesel::joinable!(changeover_time -> area (area_id));
diesel::joinable!(closure -> space (space_id));
diesel::joinable!(closure -> user (created_by));
diesel::joinable!(crew -> pool (pool_id));
diesel::joinable!(crew_shift -> crew (crew_id));
diesel::joinable!(floor -> space (space_id));
diesel::joinable!(hours_exception -> space (space_id));
diesel::joinable!(hours_exception -> venue (venue_id));
diesel::joinable!(invitation -> mail_link (link_id));
diesel::joinable!(invitation -> organisation (organisation_id));
diesel::joinable!(invitation -> user (invited_by));
diesel::joinable!(layout -> space (space_id));
diesel::joinable!(layout_need -> block_type (block_type_id));
diesel::joinable!(layout_picture -> layout_version (layout_version_id));
diesel::joinable!(layout_version -> layout (layout_id));
diesel::joinable!(layout_version_area -> area (area_id));
diesel::joinable!(layout_version_area -> layout_version (layout_version_id));
diesel::joinable!(mail_link -> user (user_id));
diesel::joinable!(membership -> organisation (organisation_id));
diesel::joinable!(membership -> user (user_id));
diesel::joinable!(message -> booking (booking_id));
diesel::joinable!(notification_setting -> user (user_id));
diesel::joinable!(occupancy -> booking (booking_id));
diesel::joinable!(occupancy -> closure (closure_id));
diesel::joinable!(organisation -> user (decided_by));
diesel::joinable!(organisation -> venue (venue_id));
diesel::joinable!(pool -> venue (venue_id));
diesel::joinable!(pool_stock -> block_type (block_type_id));
diesel::joinable!(pool_stock -> pool (pool_id));
diesel::joinable!(question -> booking (booking_id));
diesel::joinable!(recovery_code -> user (user_id));
diesel::joinable!(refresh_token -> sign_in (sign_in_id));
diesel::joinable!(registration -> mail_link (link_id));
diesel::joinable!(second_factor -> user (user_id));
diesel::joinable!(sign_in -> user (user_id));
diesel::joinable!(space -> pool (pool_id));
diesel::joinable!(space -> venue (venue_id));
diesel::joinable!(staff_invitation -> mail_link (link_id));
diesel::joinable!(staff_invitation -> user (invited_by));
diesel::joinable!(staff_invitation -> venue (venue_id));
diesel::joinable!(staff_role -> space (space_id));
diesel::joinable!(staff_role -> venue (venue_id));
diesel::joinable!(task -> area (area_id));
diesel::joinable!(task -> booking (booking_id));
diesel::joinable!(task -> venue (venue_id));
diesel::joinable!(task_event -> task (task_id));
diesel::joinable!(task_event -> user (actor_id));
diesel::joinable!(tenant -> venue (venue_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_key,
    approval,
    area,
    audit_entry,
    block_type,
    booking,
    booking_event,
    calendar_day,
    catalogue_revision,
    change_request,
    changeover_fault,
    changeover_job,
    changeover_time,
    closure,
    crew,
    crew_shift,
    floor,
    guest_request,
    hours_exception,
    idempotency,
    invitation,
    layout,
    layout_need,
    layout_picture,
    layout_version,
    layout_version_area,
    mail_address,
    mail_link,
    membership,
    message,
    notification_setting,
    occupancy,
    organisation,
    pool,
    pool_stock,
    question,
    recovery_code,
    refresh_token,
    registration,
    second_factor,
    sign_in,
    sign_in_failure,
    space,
    staff_invitation,
    staff_role,
    task,
    task_event,
    tenant,
    user,
    venue,
);
