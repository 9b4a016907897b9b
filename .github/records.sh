#!/bin/sh
# This repository keeps its records on main, which is protected: what machines note waits on the branch records/next until
# somebody merges it. A team's repository has a branch of records of its own instead, and needs none of this.
#
#   sh .github/records.sh take              count what waits on records/next as noted
#   sh .github/records.sh propose "words"   commit what data/ holds and propose it
#
# Lines are only ever added, and nothing is pushed by force. data/private/ is never part of it.
set -eu

case ${1:-} in
take)
    if git ls-remote --exit-code origin refs/heads/records/next >/dev/null; then
        git fetch --quiet origin refs/heads/records/next
        if ! git diff --quiet HEAD...FETCH_HEAD -- ':!data'; then
            echo "records/next holds more than records. Merge it or take it away by hand; nothing was done." >&2
            exit 1
        fi
        git merge --quiet --no-edit FETCH_HEAD
    else
        # 2: nothing waits. Anything else: nobody answered, and what is noted already is not known.
        [ "$?" -eq 2 ] || exit 1
    fi
    ;;
propose)
    # Not as one pathspec: git refuses to leave out by name what it ignores anyway.
    git add -- data
    git reset --quiet -- data/private
    if git diff --cached --quiet; then
        echo "No new records."
        exit 0
    fi
    git commit --quiet --message "$2"
    git push --quiet origin HEAD:refs/heads/records/next
    if [ "$(gh pr list --head records/next --json number --jq length)" = 0 ]; then
        gh pr create --base main --head records/next --title "$2" \
            --body "Noted by the workflows listen, measure and publish. Lines are only added."
    fi
    ;;
*)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
