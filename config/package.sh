#!/usr/bin/env bash
# Makes the package: a tarball with the program, its pages for man, completions, units, configurations,
# licences and checksums. The same sources and compiler make the same name and layout; nothing in it tells
# of the machine it was made on.
#
#   config/package.sh [--binary FILE] [--sbom FILE] [FOLDER]
#
# FOLDER (dist) gets primelingo-<version>-<target>.tar.gz and its sha256. --binary packages what was built before
# in place of building; --sbom takes a list of parts that was made before in place of config/sbom.sh's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

binary=
sbom=
out=dist
while (($# > 0)); do
    case $1 in
    --binary) binary=${2:?--binary needs a file} && shift 2 ;;
    --sbom) sbom=${2:?--sbom needs a file} && shift 2 ;;
    -*) printf 'package: unknown option %s\n' "$1" >&2 && exit 2 ;;
    *) out=$1 && shift ;;
    esac
done

say() { printf 'package: %s\n' "$*"; }

fail() {
    say "$@" >&2
    exit 1
}

version=$(sed -n '/^\[package\]/,/^\[/ s/^version = "\(.*\)"$/\1/p' Cargo.toml)
target=$(rustc --version --verbose | sed -n 's/^host: //p')
name=primelingo-$version-$target
cargo_home=${CARGO_HOME:-$HOME/.cargo}
target_folder=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")

# Of one commit, the same everywhere.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
PRIMELINGO_COMMIT=${PRIMELINGO_COMMIT:-$(git rev-parse --short=12 HEAD)}
export SOURCE_DATE_EPOCH PRIMELINGO_COMMIT

# Texts of panics and of C's assertions name source files: by their place in the project.
build() {
    local maps=("$target_folder=/target" "$PWD=/primelingo" "$cargo_home=/cargo")
    RUSTFLAGS="${RUSTFLAGS:-} ${maps[*]/#/--remap-path-prefix=}" \
        CFLAGS="${CFLAGS:-} ${maps[*]/#/-ffile-prefix-map=}" \
        cargo build --profile dist --locked --no-default-features --bin primelingo
    binary=$target_folder/dist/primelingo
}

scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
stage=$scratch/$name

# put MODE FILE PLACE: one file, or several into a folder that ends in a slash.
put() {
    local mode=$1 place=${*: -1}
    local files=("${@:2:$#-2}")
    install -d "$(dirname "$stage/${place}x")"
    install -m "$mode" "${files[@]}" "$stage/$place"
}

program() {
    put 0755 "$binary" bin/primelingo
    # The names of functions stay, for traces; lines and types go.
    strip --strip-debug "$stage/bin/primelingo"
    put 0755 config/systemd/primelingoctl bin/primelingoctl
    local place
    for place in "$PWD" "$cargo_home" "$target_folder"; do
        if grep --quiet --text --fixed-strings "$place/" "$stage/bin/primelingo"; then
            fail "the program names $place, a folder of this machine"
        fi
    done
}

pages_and_completions() {
    local shell
    "$stage/bin/primelingo" man --to "$stage/share/man/man1" >/dev/null
    for shell in bash zsh fish elvish powershell; do
        "$stage/bin/primelingo" completions "$shell" >"$scratch/$shell"
    done
    put 0644 "$scratch/bash" share/bash-completion/completions/primelingo
    put 0644 "$scratch/zsh" share/zsh/site-functions/_primelingo
    put 0644 "$scratch/fish" share/fish/vendor_completions.d/primelingo.fish
    put 0644 "$scratch/elvish" share/primelingo/completions/primelingo.elv
    put 0644 "$scratch/powershell" share/primelingo/completions/primelingo.ps1
}

configurations() {
    put 0644 config/systemd/*.service config/systemd/*.timer lib/systemd/system/
    put 0644 config/systemd/sysusers.conf lib/sysusers.d/primelingo.conf
    put 0600 config/systemd/primelingo.env etc/primelingo/primelingo.env
    # Beside the pages that lead to them.
    local folder place=share/doc/primelingo/config
    put 0644 config/README.md config/default.toml "$place/"
    for folder in prometheus alertmanager grafana/dashboards grafana/provisioning/dashboards \
        grafana/provisioning/datasources; do
        put 0644 config/"$folder"/*.* "$place/$folder/"
    done
}

documents() {
    put 0644 README.md LICENSE-MIT LICENSE-APACHE share/doc/primelingo/
    put 0644 docs/*.md docs/*.png docs/*.svg share/doc/primelingo/docs/
    put 0644 docs/runbooks/*.md share/doc/primelingo/docs/runbooks/
    if [[ -z $sbom ]]; then
        sbom=$scratch/primelingo.cdx.json
        config/sbom.sh --target "$target" "$sbom"
    fi
    put 0644 "$sbom" "share/doc/primelingo/${sbom##*/}"
}

# The crates that are linked, each with its licence, and the texts that these ask for.
licences() {
    local crates=$scratch/crates manifests=$scratch/manifests crate licence folder file
    cargo tree --locked --package primelingo --no-default-features --edges normal --prefix none \
        --target "$target" --format '{p}|{l}' |
        sed -nE 's/^([^ ]+) v([^ |]+)( \(proc-macro\))?\|(.*)$/\1-\2|\4/p' |
        LC_ALL=C sort --unique >"$crates"
    cargo metadata --locked --format-version 1 --no-default-features --filter-platform "$target" |
        grep -o '"manifest_path":"[^"]*"' | cut -d'"' -f4 >"$manifests"
    install -d "$stage/share/doc/primelingo/licences"
    {
        printf '# Other people'"'"'s crates in this program\n\n| crate | licence |\n|---|---|\n'
        while IFS='|' read -r crate licence; do
            printf '| %s | %s |\n' "$crate" "$licence"
        done <"$crates"
    } >"$stage/share/doc/primelingo/licences/README.md"
    while IFS='|' read -r crate licence; do
        folder=$(grep --fixed-strings "/$crate/Cargo.toml" "$manifests" | head -n 1)
        folder=${folder%/Cargo.toml}
        [[ -n $folder ]] || fail "the sources of $crate are not here"
        for file in "$folder"/{LICENSE,LICENCE,COPYING,NOTICE,UNLICENSE,license}*; do
            if [[ -f $file ]]; then
                put 0644 "$file" "share/doc/primelingo/licences/$crate/${file##*/}"
            fi
        done
    done <"$crates"
}

pack() {
    find "$stage" -type d -exec chmod 0755 {} +
    (cd "$stage" && find . -type f -printf '%P\0' | LC_ALL=C sort --zero-terminated |
        xargs --null sha256sum) >"$scratch/SHA256SUMS"
    put 0644 "$scratch/SHA256SUMS" SHA256SUMS
    mkdir -p "$out"
    tar --create --directory "$scratch" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner \
        --mtime="@$SOURCE_DATE_EPOCH" "$name" | gzip --no-name --best >"$out/$name.tar.gz"
    (cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
}

[[ -n $binary ]] || build
program
pages_and_completions
configurations
documents
licences
pack
say "$out/$name.tar.gz: $(stat --format=%s "$out/$name.tar.gz") B, $(tar -tzf "$out/$name.tar.gz" | grep -vc '/$') files"
