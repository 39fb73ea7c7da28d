#!/usr/bin/env bash
# Grades $SUBMISSION; the summary goes to $GITHUB_STEP_SUMMARY, the points to $GITHUB_OUTPUT.
set -uo pipefail
reports=$RUNNER_TEMP/scratchgrade-reports
submission=$(realpath -- "$SUBMISSION")
mkdir -p "$reports"
read -ra more <<< "${OPTIONS:-}"
# Not from the repository's folder: nothing that was pushed is imported by the grader.
cd "$RUNNER_TEMP" || exit 2
"$RUNNER_TEMP/scratchgrade/bin/scratchgrade" grade "$submission" \
    --sprint "${SPRINT:-auto}" --lang "${LANGUAGE:-auto}" --feedback "${FEEDBACK:-full}" \
    --report "$reports/report.json" --report-html "$reports/report.html" \
    --report-md "$GITHUB_STEP_SUMMARY" ${more[@]+"${more[@]}"}
status=$?
if [ -s "$reports/report.json" ]; then
    "$RUNNER_TEMP/scratchgrade/bin/python" - "$reports/report.json" >> "$GITHUB_OUTPUT" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
print(f"score={report['score']:g}\nmax-score={report['max_score']:g}")
PYTHON
fi
exit "$status"
