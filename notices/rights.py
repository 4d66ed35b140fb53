"""Who may use the routes of notices."""

from kit.rights import EVERYBODY, MEMBERS, NOBODY_YET, OWNER, Right, act, page

RIGHTS = {
    "notices:inbox": page(MEMBERS),
    "notices:open": act(OWNER),
    "notices:read": act(OWNER),
    "notices:read_all": act(MEMBERS),
    "notices:settings": page(MEMBERS),
    # The sealed link in an e-mail switches such e-mails off, without a log-in.
    "notices:unsubscribe": Right(get=EVERYBODY, post=EVERYBODY),
    # Previews: only in DEBUG and on the demonstration; elsewhere 404.
    "styleguide_mail": page(NOBODY_YET),
    "styleguide_mail_one": page(NOBODY_YET),
}
