# ansible.posix.synchronize: a marker before each itemized line means "changed".
export HOME=$W/home ANSIBLE_LOCAL_TEMP=$W/tmp ANSIBLE_LOCALHOST_WARNING=False
mkdir -p "$HOME"
cat >"$W/play.yml" <<PLAY
- hosts: localhost
  connection: local
  gather_facts: false
  vars:
    ansible_rsync_path: $W/bin/rsync
    ansible_python_interpreter: /usr/bin/python3
  tasks:
    - ansible.posix.synchronize: {src: $SRC/, dest: $W/first/, delete: true, rsync_opts: ["--exclude=n7"]}
      register: once
    - ansible.posix.synchronize: {src: $SRC/, dest: $W/first/, delete: true, rsync_opts: ["--exclude=n7"]}
      register: twice
    - ansible.posix.synchronize: {src: $SRC/, dest: $W/second/, link_dest: [$W/first], compress: false}
    - assert: {that: [once is changed, twice is not changed]}
PLAY
holds "changed, then not" ansible-playbook -i localhost, "$W/play.yml"
is "the second tree is linked to the first" "$(names "$W/second/docs/n2")" 2
holds "what is excluded is not there" test ! -e "$W/first/docs/n7"
