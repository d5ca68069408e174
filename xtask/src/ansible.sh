#!/usr/bin/env bash
# Makes an environment with ansible in target/ansible: the core, and of the large package the one module that the test
# is about.
set -e
[ -x target/ansible/bin/ansible-playbook ] && exit
mkdir -p target && rm -rf target/ansible.new
/usr/bin/python3 -m venv target/ansible.new && cd target/ansible.new
bin/pip install -q ansible-core
bin/pip download -q --no-deps --dest wheel ansible
bin/python - <<'PYTHON'
import glob, sysconfig, zipfile
names = ("ansible_collections/__init__.py", "ansible_collections/ansible/posix/")
with zipfile.ZipFile(glob.glob("wheel/*.whl")[0]) as wheel:
    wheel.extractall(sysconfig.get_path("purelib"), [name for name in wheel.namelist() if name.startswith(names)])
PYTHON
rm -r wheel
sed -i 's|/ansible\.new|/ansible|g' bin/ansible*
cd .. && mv ansible.new ansible
