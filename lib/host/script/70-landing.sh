# --- landing -------------------------------------------------------------------------------------------
# `merge` makes the commit that shall be landed, `push` gives it to the remote. Both are workers like a checkout's and
# are asked for like one. Neither looks into the working copy: a merge takes place among objects that only control
# can write, so nothing that a job or a predecessor left can have a part in it.

name_landing() {
  name_checkout
  need_number "$p_number"
  work=$p_repository+$1.$p_number
  job=$lease/checkouts/$work
}

verb_landing() {
  name_slot
  need_number "$p_wait"
  lock
  require_open
  name_landing "$1"
  if [ -e "$job.request" ]; then
    unlock
    [ "$(cat "$job.request" && echo .)" = "$p_request." ] ||
      fail request bad_payload "this lease has another $1 of that number"
    await_checkout
    return
  fi
  printf '%s' "$p_request" >"$job.request" || { rm -f "$job.request" && fail_write "the $1"; }
  printf 'starting\n' >"$job.phase"
  : >"$job.log"
  # A secret is never in a file nor in an argument: the worker reads it from a pipe.
  {
    printf '%s\n' "$p_secret" | start_detached landing "$1" "$work" 7>&1 >"$job.answer" 2>"$job.log" 9>&- &
    note "$job.pid" "$!"
  } | timeout "$p_wait.01" cat >/dev/null 9>&- &
  unlock
  wait "$!"
  tell_checkout
}

# read_landing: the request, one field on each line; ids are checked before anything is done with them.
read_landing() {
  p_url='' p_file=0 p_timeout='' branch='' wanted_source='' strategy='' message='' expected='' landing='' known=''
  landed='' landed_tree='' before='' dry='' with_copy=''
  author_name='' author_email='' committer_name='' committer_email='' date=''
  while IFS= read -r line; do
    decode "${line#*=}"
    case ${line%%=*} in
      timeout) p_timeout=$decoded ;;
      land-url) p_url=$decoded ;;
      land-file) p_file=$decoded ;;
      land-branch) branch=$decoded ;;
      land-source) wanted_source=$decoded ;;
      land-strategy) strategy=$decoded ;;
      land-message) message=$decoded ;;
      land-id) landing=$decoded ;;
      land-date) date=$decoded ;;
      land-author-name) author_name=$decoded ;;
      land-author-email) author_email=$decoded ;;
      land-committer-name) committer_name=$decoded ;;
      land-committer-email) committer_email=$decoded ;;
      land-copy) with_copy=$decoded ;;
      land-dry) dry=$decoded ;;
      land-expected) need_id "$decoded" && expected=$decoded ;;
      land-known) need_id "$decoded" && known="$known $decoded" ;;
      land-commit) need_id "$decoded" && landed=$decoded ;;
      land-tree) need_id "$decoded" && landed_tree=$decoded ;;
      land-before) need_id "$decoded" && before=$decoded ;;
      *) fail request bad_payload "unknown field of a landing" ;;
    esac
  done <"$job.request"
  need_number "$p_timeout"
}

need_id() {
  case $1 in *[!0-9a-f]*) ;; *) case ${#1} in 40 | 64) return ;; esac ;; esac
  fail request bad_payload "a full object id was expected"
}

# begin_landing: what both workers do first. Jobs of the lease have ended; what they left running is killed, so that
# nothing of theirs is there to see a credential or to meet the commit on its way.
begin_landing() {
  umask 022
  new_mirror=0 fetched=0
  read_level
  IFS= read -r p_secret || :
  read_landing
  case $branch in '' | -* | refs/* | HEAD | *[[:cntrl:]]*) fail request bad_ref "not a branch" ;; esac
  p_commit=refs/heads/$branch
  check_commit
  branch_ref=$wanted_ref
  check_url
  kill_processes 200 "$slot#$p_epoch.command." "$lease"/commands/*.session ||
    fail host not_empty "processes survive SIGKILL:$found"
  [ -z "$uid" ] || empty_user || fail host not_empty "processes of user $uid survive SIGKILL:$found"
  take_secret
}

# The secret is base64 of `user:password`, and goes to that address alone.
take_secret() {
  [ -n "$p_secret" ] || return 0
  [ "$transport" = https ] || fail request bad_url "a credential is given to https addresses only"
  GIT_CONFIG_COUNT=2 GIT_CONFIG_KEY_0=http.$p_url.extraHeader GIT_CONFIG_VALUE_0="Authorization: Basic $p_secret"
  GIT_CONFIG_KEY_1=http.followRedirects GIT_CONFIG_VALUE_1=false
  export GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_CONFIG_KEY_1 GIT_CONFIG_VALUE_1
}

# make_store ID: a bare repository of our own at $store that borrows the mirror's objects. SHA-256 if ID is.
make_store() {
  store=$job.git
  rm -rf "$store" && (umask 077 && mkdir -p "$store/objects/info" "$store/objects/pack" "$store/refs/heads") || return 1
  version=0 extension=''
  [ ${#1} -ne 64 ] || version=1 extension="[extensions]${LF}${TAB}objectformat = sha256$LF"
  printf '[core]\n\trepositoryformatversion = %s\n\tbare = true\n%s' "$version" "$extension" >"$store/config" &&
    printf '%s\n' "$mirror/objects" >"$store/objects/info/alternates" &&
    printf 'ref: refs/heads/none\n' >"$store/HEAD"
}

store_git() { plain_git --git-dir="$store" "$@" 7>&- 8>&-; }

# find_head: sets $head to the branch's commit at the remote, which is then in the mirror.
find_head() {
  unknown=unknown_branch p_commit=refs/heads/$branch wanted_ref=$branch_ref
  find_commit
  unknown=unknown_commit
  head=$commit
}

# landed_already: whether one of the commits that this landing has made is in $head, as it is after a push whose answer
# was lost. Sets $landed and its tree.
landed_already() {
  for id in $known; do
    look_up "$id" || continue
    plain_git --git-dir="$mirror" merge-base --is-ancestor "$id" "$head" || continue
    landed=$commit landed_tree=$tree
    return
  done
  return 1
}

tell_landed() { answer done state=landed "commit=$landed" "tree=$landed_tree" "head=$head"; }
