import type { Attempt } from './declared.ts'

const nap = 'sleep 6000.$tag'
/** The number of the system call by which one thread ends itself. */
const EXIT = '(-e "/lib64/ld-linux-x86-64.so.2" ? 60 : 93)'

/** Ways to stay alive. */
const fugitives: readonly Attempt[] = [
  { name: 'a child in the background', script: `${nap} & echo ready` },
  { name: 'nohup', script: `nohup ${nap} >/dev/null 2>&1 & echo ready; wait` },
  { name: 'a session of its own', script: `setsid ${nap} & echo ready; wait` },
  { name: 'a double fork', script: `setsid sh -c "sh -c '${nap} &' &"; sleep 0.2; echo ready` },
  { name: 'a parent that ended', script: `(setsid ${nap} >/dev/null 2>&1 &); echo ready` },
  { name: 'TERM ignored', script: `trap '' TERM; echo ready; while :; do ${nap}; done` },
  {
    name: 'every signal ignored in a session of its own',
    script: `setsid sh -c "trap '' HUP INT QUIT TERM USR1; echo ready; while :; do ${nap}; done" & wait`,
  },
  { name: 'a stopped process', script: `${nap} & kill -STOP $!; echo ready; wait` },
  { name: 'an emptied environment', script: `env -i ${nap} & echo ready; wait` },
  {
    name: 'an emptied environment in a session of its own',
    script: `env -i setsid ${nap} & sleep 0.2; echo ready`,
    process: ['alive'],
  },
  {
    name: 'a daemon that forgot all of its past',
    script: `cd /; env -i setsid sh -c '(${nap} </dev/null >/dev/null 2>&1 &)'; sleep 0.2; echo ready`,
    process: ['alive'],
  },
  {
    name: 'a daemon with another name',
    script: `env -i perl -e 'use POSIX; exit if fork; POSIX::setsid(); exit if fork; $0 = "init $tag"; sleep 600'; echo ready`,
    process: ['alive'],
  },
  {
    name: 'a process whose first thread ended',
    script: `perl -e 'use threads; threads->create(sub { sleep 600 }); syscall(${EXIT}, 0)' $tag & sleep 0.5; echo ready; wait`,
  },
  {
    name: 'the same in a session of its own without an environment',
    script: `env -i setsid perl -e 'use threads; threads->create(sub { sleep 600 }); syscall(${EXIT}, 0)' $tag & sleep 0.5; echo ready`,
    process: ['alive'],
  },
  {
    name: 'a storm of forks',
    script: `storm() { [ $1 = 0 ] || { storm $(($1 - 1)) & storm $(($1 - 1)) & }; ${nap}; }; storm 6 & sleep 0.3; echo ready; wait`,
  },
  {
    name: 'a chain of processes that each live for an instant',
    // It ends by itself at last, because a test could not end it either.
    script: `c='sleep 0.05; [ $1 = 200 ] || setsid env -i /bin/sh -c "$0" "$0" $(($1 + 1)) $tag &'; env -i setsid /bin/sh -c "$c" "$c" 0 $tag & sleep 0.3; echo ready`,
    perhaps: ['alive'],
  },
  {
    name: 'a chain of processes of a millisecond that stays in its group',
    // What it runs is in its arguments, because its files are gone soon.
    script: `c='[ $1 = 9000 ] || sh -c "$0" "$0" $(($1 + 1)) $tag &'; sh -c "$c" "$c" 0 $tag & sleep 0.2; echo ready`,
  },
  {
    name: 'the same in a session of its own for each',
    script: `c='[ $1 = 9000 ] || setsid env -i /bin/sh -c "$0" "$0" $(($1 + 1)) $tag &'; sh -c "$c" "$c" 0 $tag & sleep 0.2; echo ready`,
    perhaps: ['alive'],
  },
  {
    name: 'two that start each other again',
    script: `printf 'while :; do (while kill -0 $2; do sleep 0.02; done; exec setsid env -i /bin/sh "$0" $1 $$) 2>/dev/null; done\\n' >twin
      env -i setsid sh "$PWD/twin" $tag $$ & env -i setsid sh "$PWD/twin" $tag $! & sleep 0.2; echo ready`,
    process: ['alive'],
  },
  {
    name: 'a timer that starts something later',
    script: `env -i setsid sh -c 'sleep 1; exec ${nap}' >/dev/null 2>&1 & sleep 0.1; echo ready`,
    process: ['alive'],
  },
  {
    name: 'a namespace of its own for users and processes',
    script: `env -i setsid unshare -Urpf sh -c 'trap "" TERM; ${nap}' & sleep 0.5; echo ready`,
    process: ['alive'],
  },
  {
    name: 'the end of who watches the time',
    script: `(setsid ${nap} &); kill -KILL $PPID; echo ready`,
  },
  {
    name: 'a storm that kills whoever comes to kill it',
    script: `printf '[ "$(id -u)" != 0 ] || exit; kill -KILL -1; sh "$0" $1 & sh "$0" $1 &\\n' >war; echo ready; setsid sh "$PWD/war" $tag & wait`,
    usersOnly: true,
  },
  {
    name: 'a chain that stops whoever comes to kill it',
    script: `printf 'trap "" TERM; [ "$(id -u)" != 0 ] || exit; while :; do kill -STOP -1; sleep 0.001; done\\n' >stop; echo ready; env -i setsid sh "$PWD/stop" $tag & wait`,
    usersOnly: true,
  },
]

/** Ways to leave something for the next lease outside of the slot. */
const leavings: readonly Attempt[] = [
  {
    name: 'files in /tmp and /var/tmp',
    script: `mkdir -p /tmp/escape-$tag/a; echo x >/tmp/escape-$tag/a/b; chmod 500 /tmp/escape-$tag/a /tmp/escape-$tag; : >/var/tmp/escape-$tag; echo ready`,
    process: ['files'],
  },
  { name: 'a file in shared memory', script: `: >/dev/shm/escape-$tag; echo ready`, process: ['files'] },
  {
    name: 'System V memory that outlives its process',
    script: `perl -e 'shmget($tag, 4096, 01666); semget($tag, 1, 01666); msgget($tag, 01666)'; echo ready`,
    process: ['memory'],
  },
]

/** Ways to reach what is not its own. */
const burglars: readonly Attempt[] = [
  {
    name: 'writing the epoch file',
    script: `echo evil >>$root/slots/$slot/state; echo ready`,
    process: ['state'],
  },
  {
    name: 'putting another epoch file in its place',
    script: `echo evil >evil; mv -f evil $root/slots/$slot/state; ln -sf /etc/passwd $root/slots/$slot/lock; echo ready`,
    process: ['state'],
  },
  {
    name: 'another directory in the place of its slot',
    script: `mv $root/slots/$slot $root/slots/$slot.old && cp -r $root/slots/$slot.old $root/slots/$slot && echo evil >>$root/slots/$slot/state; echo ready`,
    process: ['state'],
  },
  {
    name: 'writing the host script',
    script: `for f in $root/bin/*; do echo '# evil' >>$f; done; echo ready`,
    process: ['script', 'script_changed'],
  },
  {
    name: 'writing the host script through a hard link',
    script: `for f in $root/bin/*; do ln $f mine && echo '# evil' >>mine; done; echo ready`,
    process: ['script', 'script_changed'],
  },
  {
    name: 'a program of its own in front of the host script’s',
    script: `mkdir -p $root/bin && echo evil >$root/bin/git; echo ready`,
    process: ['script'],
  },
  {
    name: 'writing a mirror',
    script: `for m in $root/mirrors/*.git $root/mirrors/secret.git; do echo '# evil' >>$m/config; : >$m/objects/info/alternates; done; echo ready`,
    process: ['mirror'],
  },
  {
    name: 'putting a mirror of its own there',
    script: `mkdir -p $root/mirrors/evil.git/objects && echo evil >$root/mirrors/evil.git/HEAD; echo ready`,
    process: ['mirror'],
  },
  {
    name: 'reading a mirror that it did not ask for',
    script: `git --git-dir=$root/mirrors/secret.git -c safe.directory='*' cat-file blob $blob; git init -q mine; echo $root/mirrors/secret.git/objects >mine/.git/objects/info/alternates; git -C mine cat-file blob $blob; cat $root/mirrors/secret.git/objects/pack/* | head -c 1; echo ready`,
    process: ['secret'],
  },
  {
    name: 'reading what another slot works on',
    script: `cat $otherLease/scratch/notes $other/copies/secret/file; echo ready`,
    process: ['secret'],
  },
  {
    name: 'reading the arguments of another slot’s command',
    script: `cat $otherLease/commands/1.request ; echo ready`,
    process: ['secret'],
  },
  {
    name: 'reading the environment of another slot’s processes',
    script: `cat /proc/[0-9]*/environ | tr '\\0' '\\n' | grep -a $secretName; echo ready`,
    process: ['secret'],
  },
  {
    name: 'writing into another slot',
    script: `echo evil >$otherLease/scratch/evil; echo ready`,
    process: ['other slot'],
  },
  {
    name: 'writing through the open files of control',
    script: `trap '' PIPE; echo evil >/proc/$victim/cwd/evil; for d in /proc/$PPID/fd /proc/$victim/fd /proc/$victim/cwd; do for f in $d/*; do echo evil >>$f; done; done; echo ready`,
    process: ['other slot'],
  },
  // The last one, because it ends what the others are tried on.
  {
    name: 'signals to another slot and its control',
    script: `for p in $(grep -lsa $secretName /proc/[0-9]*/environ; grep -lsa "$other#" /proc/[0-9]*/environ; sed 's/ .*//' $otherLease/commands/*.pid $otherLease/commands/*.session) $victim; do p=\${p#/proc/}; kill -KILL \${p%/environ}; done; echo ready`,
    process: ['other slot'],
  },
]

export const attempts: readonly Attempt[] = [...fugitives, ...leavings, ...burglars]
