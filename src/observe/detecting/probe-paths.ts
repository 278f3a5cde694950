/** Paths that scanners ask for and people do not. Decoded and in lower case. Sources: CrowdSec's http-sensitive-files and http-admin-interface-probing. */

/** Files that are left behind by whoever builds, backs up or deploys. */
export const SENSITIVE_PATH =
  /(?:^|\/)\.(?:env|git|svn|hg|bzr|ssh|aws|docker|kube|vscode|idea|htaccess|htpasswd|ds_store|npmrc|pgpass|netrc|bash_history|gitlab-ci)(?:[./_-]|$)|(?:^|\/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|wp-config\.php|web\.config|phpinfo\.php|server-status|docker-compose\.ya?ml|composer\.(?:json|lock)|credentials(?:\.json)?|dump|backup)(?:[._~-]|$)|\.(?:sql|sqlite3?|bak|old|orig|save|swp|dump|mdb|pem|pfx|p12|key|kdbx|ovpn)(?:\.(?:gz|zip|bz2|xz|7z))?$|[/._-](?:backup|dump|www|site|db|database)s?\.(?:zip|tar|tgz|tar\.gz|gz|rar|7z)$/

/** Where applications of others are run from. */
export const ADMIN_PATH =
  /^\/(?:admin|administrator|administration|wp-admin|wp-login\.php|xmlrpc\.php|phpmyadmin|pma|myadmin|adminer(?:\.php)?|manager\/html|host-manager|actuator|jmx-console|web-console|jenkins|solr|cgi-bin|cpanel|webadmin|siteadmin|adminpanel|admin-console|admin\.php|user\/login|backend|_ignition|telescope|horizon|hnap1|boaform|goform|gponform)(?:\/|$|\?)/
