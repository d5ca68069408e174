# slack: roles go from a master directory to a cache, to a stage, and to where they are wanted.
role=$W/master/roles/web
mkdir -p "$role/files/etc" "$role/scripts" "$W/master/etc" "$W/root"
echo one >"$role/files/etc/app"
echo gone >"$role/files/etc/gone"
printf '#!/bin/sh\ntouch %s\n' "$W/ran" >"$role/scripts/postinstall"
chmod +x "$role/scripts/postinstall"
echo "$(hostname): web" >"$W/master/etc/roles.conf"
find "$W/master" -exec touch -hd '2019-04-04 04:04:04' {} +
printf '%s\n' "SOURCE=$W/master" "ROLE_LIST=$W/master/etc/roles.conf" "CACHE=$W/cache" "STAGE=$W/stage" \
    "ROOT=$W/root" "BACKUP_DIR=$W/old" >"$W/conf"
holds "a role is installed" slack -C "$W/conf" web
is "its file is there" "$(cat "$W/root/etc/app")" one
holds "its script ran" test -e "$W/ran"
echo two >"$role/files/etc/app"
rm "$role/files/etc/gone"
holds "it is installed again" slack -C "$W/conf" web
is "the file is new" "$(cat "$W/root/etc/app")" two
is "the old one is kept" "$(cat "$W"/old/*/etc/app)" one
is "what went is not on the stage" "$(ls "$W/stage/roles/web/files/etc")" app
