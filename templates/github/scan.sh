#!/usr/bin/env bash
# Scans for action.yml: annotations in the log, a summary on the page of the job, SARIF for code scanning. The code is judged by a later step.
set -uo pipefail
given=() # no mapfile: the bash of macOS has none
while IFS= read -r line; do
  [[ -z "$line" ]] || given+=("$line")
done < <(printf '%s\n' "${PATHS:-.}" | sed 's/[[:space:]]*$//')
[[ ${#given[@]} -gt 0 ]] || given=(.)
summary="$PLACE/summary.md"
flags=(--format github --also "sarif=$PLACE/aisecops.sarif" --also "markdown=$summary")
[[ -z "$POLICY" ]] || flags+=("--policy=$POLICY")
[[ -z "$SINCE" ]] || flags+=("--changed-since=$SINCE")
[[ "$UNTRUSTED" != true ]] || flags+=(--untrusted)
[[ -z "$FORMAT" ]] || flags+=(--also "$FORMAT=$PLACE/report")
rm -f "$PLACE/aisecops.sarif" "$summary" "$PLACE/report"
"$PLACE/venv/bin/aisecops" scan "${flags[@]}" -- "${given[@]}"
code=$?
[[ ! -f "$summary" ]] || cat "$summary" >> "$GITHUB_STEP_SUMMARY"
case $code in 0) outcome=pass ;; 1) outcome=fail ;; 3) outcome=incomplete ;; *) outcome=error ;; esac
{
  echo "code=$code"
  echo "outcome=$outcome"
  [[ ! -f "$PLACE/aisecops.sarif" ]] || echo "sarif=$PLACE/aisecops.sarif"
  [[ ! -f "$PLACE/report" ]] || echo "report=$PLACE/report"
} >> "$GITHUB_OUTPUT"
