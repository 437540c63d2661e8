#!/usr/bin/env bash
# Makes what compose.yaml needs and what is not there yet: random secrets, one a file, and primelingo.env.
# Nothing that exists is changed. BOT_TOKEN, if set, becomes the bot's token.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

install -d -m 0700 secrets

# Readable by all: each container reads it as a user of its own. The folder lets nobody else in.
keep() {
    local name=$1 text=$2
    if [[ ! -s secrets/$name ]]; then
        printf '%s\n' "$text" >"secrets/$name"
        chmod 0444 "secrets/$name"
        printf 'made secrets/%s\n' "$name"
    fi
}

random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }

for name in postgres_password redis_password web_token alerts_webhook_token grafana_password; do
    keep "$name" "$(random)"
done

if [[ ! -e primelingo.env ]]; then
    install -m 0600 /dev/null primelingo.env
    cat >primelingo.env <<'SETTINGS'
# Settings of your own, NAME=value; all names are in docs/configuration.md.
# Who owns the bot: numeric ids in Telegram.
BOT_OWNERS=
SETTINGS
    printf 'made primelingo.env\n'
fi

if [[ -n ${BOT_TOKEN:-} ]]; then
    if [[ ! $BOT_TOKEN =~ ^[0-9]+:[A-Za-z0-9_-]{35}$ ]]; then
        printf 'BOT_TOKEN is no token: @BotFather gives one as 123456789: and 35 letters\n' >&2
        exit 1
    fi
    if [[ -s secrets/bot_token ]]; then
        printf 'kept secrets/bot_token; to change the token, remove that file first\n'
    fi
    keep bot_token "$BOT_TOKEN"
fi
if [[ ! -s secrets/bot_token ]]; then
    printf 'missing: the token that @BotFather gave you. BOT_TOKEN=<token> %s\n' "$0" >&2
    exit 1
fi
