#!/bin/sh
# The work of the example: one step of a word atlas, chosen by the task that is run. A step whose input is
# missing fails at once, so a wrong order cannot pass unseen; the short pauses only make it visible what runs
# side by side.

set -eu
LC_ALL=C
export LC_ALL

die() {
  printf 'work.sh: %s\n' "$1" >&2
  exit 1
}

need() {
  for input in "$@"; do
    [ -s "$input" ] || die "$input is missing; the task that makes it has not been run"
  done
}

pause() {
  sleep "$1" 2>/dev/null || sleep 1
}

# name of a text: texts/box.txt -> box
name() {
  base=${1##*/}
  printf '%s\n' "${base%.*}"
}

count() {
  wc -l <"$1" | tr -d ' '
}

# Adds a section to the notes, on purpose by reading the whole file, waiting, and writing it back: of two at
# once, one would get lost.
add_note() {
  before=$(cat build/notes.md 2>/dev/null || :)
  pause 0.3
  printf '%s\n\n%s\n' "${before:-# Notes}" "$1" >build/notes.md
}

html_escape() {
  sed -e 's/&/\&amp;/g' -e 's/</\&lt;/g' -e 's/>/\&gt;/g'
}

split() {
  mkdir -p build/words
  for text in texts/*.txt; do
    need "$text"
    tr -s ' \t' '\n\n' <"$text" | grep . >"build/words/$(name "$text").txt"
    printf '%s: %s words\n' "$text" "$(count "build/words/$(name "$text").txt")"
    pause 0.1
  done
}

stop_words() {
  printf '%s\n' a all an and are as at be by can do does for from goes had has he his how if in is it its may \
    must no not of on one or so that the their them then there they this to was we what when where which \
    who will with you >build/stop.txt
  pause 0.2
  printf '%s stop words\n' "$(count build/stop.txt)"
}

letters() {
  pause 0.3
  cat texts/*.txt | tr 'A-Z' 'a-z' | tr -cd 'a-z' | sed 's/./&\
/g' | grep . | sort | uniq -c | awk '{ printf "%s\t%d\n", $2, $1 }' >build/letters.tsv
  printf '%s different letters\n' "$(count build/letters.tsv)"
}

sentences() {
  for text in texts/*.txt; do
    printf '%s\t%d\n' "$(name "$text")" "$(tr -cd '.;:?!' <"$text" | wc -c)"
    pause 0.1
  done >build/sentences.tsv
  awk -F '\t' '{ all += $2 } END { print all " sentences and clauses" }' build/sentences.tsv
}

normalise() {
  mkdir -p build/normal
  for text in texts/*.txt; do
    words=build/words/$(name "$text").txt
    need "$words"
    tr 'A-Z' 'a-z' <"$words" | tr -cd "a-z'\n-" | grep '[a-z]' >"build/normal/$(name "$text").txt"
    pause 0.1
  done
  printf '%s words made plain\n' "$(cat build/normal/*.txt | wc -l | tr -d ' ')"
}

lengths() {
  need build/normal/box.txt
  pause 0.2
  cat build/normal/*.txt | awk '{ seen[length($0)]++ } END { for (n in seen) printf "%d\t%d\n", n, seen[n] }' |
    sort -n >build/lengths.tsv
  printf 'words of %s different lengths\n' "$(count build/lengths.tsv)"
}

counts() {
  need build/normal/box.txt build/stop.txt
  pause 0.3
  cat build/normal/*.txt | grep -vxF -f build/stop.txt | sort | uniq -c |
    awk '{ printf "%s\t%d\n", $2, $1 }' >build/counts.tsv
  printf '%s different words\n' "$(count build/counts.tsv)"
}

index() {
  need build/normal/box.txt build/stop.txt
  for words in build/normal/*.txt; do
    grep -vxF -f build/stop.txt "$words" | sort -u | sed "s/\$/	$(name "$words")/"
    pause 0.1
  done | sort | awk -F '\t' '
    $1 != last { if (last != "") print last "\t" texts; last = $1; texts = $2; next }
    { texts = texts " " $2 }
    END { print last "\t" texts }' >build/index.tsv
  printf '%s entries\n' "$(count build/index.tsv)"
}

rank() {
  need build/counts.tsv
  pause 0.2
  sort -t '	' -k 2,2nr -k 1,1 build/counts.tsv >build/ranking.tsv
  printf 'most frequent: %s\n' "$(head -n 5 build/ranking.tsv | cut -f 1 | tr '\n' ' ')"
}

concordance() {
  need build/ranking.tsv
  : >build/concordance.txt
  for word in $(head -n 5 build/ranking.tsv | cut -f 1); do
    printf '== %s\n' "$word" >>build/concordance.txt
    cat texts/*.txt | tr '\n' ' ' | grep -oiE ".{0,30}\\b$word\\b.{0,30}" >>build/concordance.txt || :
    pause 0.1
  done
  printf '%s lines of context\n' "$(grep -vc '^==' build/concordance.txt)"
}

note_letters() {
  need build/letters.tsv build/sentences.tsv
  add_note "$(printf '## Letters\n\nThe most frequent letter is "%s". The texts have %s sentences and clauses.' \
    "$(sort -t '	' -k 2,2nr build/letters.tsv | head -n 1 | cut -f 1)" \
    "$(awk -F '\t' '{ all += $2 } END { print all }' build/sentences.tsv)")"
  echo 'noted the letters'
}

note_lengths() {
  need build/lengths.tsv
  add_note "$(printf '## Lengths\n\nMost words have %s letters; the longest has %s.' \
    "$(sort -t '	' -k 2,2nr build/lengths.tsv | head -n 1 | cut -f 1)" \
    "$(tail -n 1 build/lengths.tsv | cut -f 1)")"
  echo 'noted the lengths'
}

merge() {
  need build/counts.tsv build/index.tsv build/ranking.tsv
  pause 0.2
  join -t '	' build/counts.tsv build/index.tsv | sort -t '	' -k 2,2nr -k 1,1 >build/atlas.tsv
  [ "$(count build/atlas.tsv)" -eq "$(count build/ranking.tsv)" ] || die 'counts and index do not know the same words'
  printf '%s words in the atlas\n' "$(count build/atlas.tsv)"
}

page() {
  need build/atlas.tsv build/concordance.txt build/notes.md
  pause 0.2
  {
    printf '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Word atlas</title>\n<h1>Word atlas</h1>\n'
    printf '<h2>Words</h2>\n<table>\n<tr><th>word</th><th>times</th><th>texts</th></tr>\n'
    html_escape <build/atlas.tsv |
      awk -F '\t' '{ print "<tr><td>" $1 "</td><td>" $2 "</td><td>" $3 "</td></tr>" }'
    printf '</table>\n<h2>In context</h2>\n<pre>\n'
    html_escape <build/concordance.txt
    printf '</pre>\n<h2>Notes</h2>\n<pre>\n'
    html_escape <build/notes.md
    printf '</pre>\n</html>\n'
  } >build/atlas.html
  printf 'a page of %s lines\n' "$(count build/atlas.html)"
}

check() {
  need build/atlas.html
  pause 0.1
  grep -q '^## Letters$' build/notes.md || die 'the note on letters got lost: two tasks wrote one file at once'
  grep -q '^## Lengths$' build/notes.md || die 'the note on lengths got lost: two tasks wrote one file at once'
  rows=$(grep -c '^<tr><td>' build/atlas.html)
  [ "$rows" -eq "$(count build/atlas.tsv)" ] || die "the page has $rows rows, the atlas $(count build/atlas.tsv) words"
  echo 'nothing is missing'
}

commit() {
  need build/atlas.html
  git add build
  git -c user.name='word atlas' -c user.email='atlas@example.invalid' commit -q -m 'Build the word atlas' -- build
  git log -1 --format='committed as %h'
}

mkdir -p build
case ${SIGNALBOX_TASK_ID:-} in
  1.1) split ;;
  1.2) stop_words ;;
  1.3) letters ;;
  1.4) sentences ;;
  2.1) normalise ;;
  2.2) lengths ;;
  3.1) counts ;;
  3.2) index ;;
  3.3) rank ;;
  3.4) concordance ;;
  4.1) note_letters ;;
  4.2) note_lengths ;;
  5.1) merge ;;
  5.2) page ;;
  6.1) check ;;
  6.2) commit ;;
  *) die "there is no task \"${SIGNALBOX_TASK_ID:-}\"; this script is run by signalbox, which says which one" ;;
esac
