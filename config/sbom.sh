#!/usr/bin/env bash
# Lists what is built into the package: CycloneDX 1.6, JSON. Every crate with version, licence, package URL,
# the checksum that Cargo.lock holds, and what it depends on. Reads what cargo says and nothing else; the
# same sources make the same bytes.
#
#   config/sbom.sh [--target TRIPLE] [FILE]
#
# Without FILE it is printed. Not in it: what C sources the crates *-sys bring along (SQLite, zstd), whose
# versions are those of their crates.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=
file=/dev/stdout
while (($# > 0)); do
    case $1 in
    --target) target=${2:?--target needs a triple} && shift 2 ;;
    -*) printf 'sbom: unknown option %s\n' "$1" >&2 && exit 2 ;;
    *) file=$1 && shift ;;
    esac
done
target=${target:-$(rustc --version --verbose | sed -n 's/^host: //p')}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
stamp=$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)

# checksums: "name version sha256" of what has one.
checksums() {
    awk -F'"' '/^name = / { name = $2 } /^version = / { version = $2 } /^checksum = / { print name, version, $2 }' \
        Cargo.lock
}

# tree: "depth name version|licence", a line for each place in the tree.
tree() {
    cargo tree --locked --package primelingo --no-default-features --edges normal --prefix depth \
        --target "$target" --format ' {p}|{l}' |
        sed -nE 's/^([0-9]+) ([^ ]+) v([^ |]+)( [^|]*)?\|([^|]*)$/\1 \2 \3|\5/p' | sed -E 's/ \(\*\)$//'
}

{
    checksums
    echo ---
    tree
} | awk -v stamp="$stamp" '
    function purl(name, version) { gsub(/\+/, "%2B", version); return "pkg:cargo/" name "@" version }
    function quoted(text) { gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); return "\"" text "\"" }
    function expression(text) { gsub(/ *\/ */, " OR ", text); return text }
    function component(id, kind, indent,    out) {
        out = indent "{\n" indent "  \"type\": " quoted(kind) ",\n" indent "  \"bom-ref\": " quoted(id) ",\n"
        out = out indent "  \"name\": " quoted(name[id]) ",\n" indent "  \"version\": " quoted(version[id]) ",\n"
        if (id in sum)
            out = out indent "  \"hashes\": [{\"alg\": \"SHA-256\", \"content\": " quoted(sum[id]) "}],\n"
        out = out indent "  \"licenses\": [{\"expression\": " quoted(licence[id]) "}],\n"
        return out indent "  \"purl\": " quoted(id) "\n" indent "}"
    }
    $1 == "---" { is_tree = 1; next }
    !is_tree { sum[purl($1, $2)] = $3; next }
    {
        split($0, halves, "|"); split(halves[1], words, " ")
        depth = words[1]; id = purl(words[2], words[3])
        if (!(id in name)) { order[++count] = id }
        name[id] = words[2]; version[id] = words[3]; licence[id] = expression(halves[2])
        above[depth] = id
        if (depth > 0 && !((above[depth - 1], id) in edge)) {
            edge[above[depth - 1], id] = 1
            below[above[depth - 1]] = below[above[depth - 1]] "\n" id
        }
    }
    END {
        if (count < 2) { print "sbom: cargo named no crates" > "/dev/stderr"; exit 1 }
        print "{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.6\",\n  \"version\": 1,"
        print "  \"metadata\": {\n    \"timestamp\": " quoted(stamp) ",\n    \"component\":"
        print component(order[1], "application", "    ") "\n  },\n  \"components\": ["
        for (i = 2; i <= count; i++) print component(order[i], "library", "    ") (i < count ? "," : "")
        print "  ],\n  \"dependencies\": ["
        for (i = 1; i <= count; i++) {
            list = ""; parts = split(below[order[i]], ids, "\n")
            for (j = 2; j <= parts; j++) list = list (j > 2 ? ", " : "") quoted(ids[j])
            print "    {\"ref\": " quoted(order[i]) ", \"dependsOn\": [" list "]}" (i < count ? "," : "")
        }
        print "  ]\n}"
    }' >"$file"
