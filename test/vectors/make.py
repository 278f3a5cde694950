"""Makes passwords.json: password hashes as the original libraries write them.

Run with a Python that has the libraries; what is not installed is left as it is in the file:

    python3 make.py        Werkzeug, Django, passlib, Flask-Security, argon2-cffi, bcrypt, and mkpasswd of whois

Entries of Better Auth come from `node -e "…hashPassword…"` of its package `better-auth/crypto`; that of Firebase is the example in the
README of github.com/firebase/scrypt.
"""

import json
import pathlib
import subprocess
import sys

FILE = pathlib.Path(__file__).with_name('passwords.json')
PASSWORDS = ['the kettle sings at noon', 'pässwörd ✓ 日本', 'x' * 80, 'cafe\u0301 au lait']
PLAIN = PASSWORDS[:2]
made = []


def add(source, name, stored, password, **more):
    made.append({'source': source, 'name': name, 'stored': stored, 'password': password, **more})


def werkzeug():
    import importlib.metadata

    from werkzeug.security import generate_password_hash

    version = 'Werkzeug ' + importlib.metadata.version('werkzeug')
    methods = ['pbkdf2:sha256:260000', 'pbkdf2:sha1:1000', 'pbkdf2:sha512:5000']
    if version >= 'Werkzeug 2.3':
        methods += ['scrypt', 'scrypt:16384:8:2', 'pbkdf2']
    else:
        methods += ['sha256', 'sha512', 'sha1', 'md5', 'plain']
    for method in methods:
        for password in PLAIN:
            add(version, method, generate_password_hash(password, method), password)


def django():
    import django
    from django.conf import settings

    names = {
        'PBKDF2': 'PBKDF2PasswordHasher',
        'PBKDF2SHA1': 'PBKDF2SHA1PasswordHasher',
        'Argon2': 'Argon2PasswordHasher',
        'BCrypt': 'BCryptPasswordHasher',
        'BCryptSHA256': 'BCryptSHA256PasswordHasher',
        'SHA1': 'SHA1PasswordHasher',
        'MD5': 'MD5PasswordHasher',
    }
    if django.VERSION >= (4,):
        names['Scrypt'] = 'ScryptPasswordHasher'
    from django.contrib.auth import hashers

    names = {name: path for name, path in names.items() if hasattr(hashers, path)}
    settings.configure(PASSWORD_HASHERS=[f'django.contrib.auth.hashers.{path}' for path in names.values()])
    for name, path in names.items():
        hasher = getattr(hashers, path)()
        for password in PASSWORDS[:3] if name == 'BCryptSHA256' else PLAIN:
            if 'BCrypt' in name:
                hasher.rounds = 6
            add('Django ' + django.get_version(), name, hasher.encode(password, hasher.salt()), password)


def passlib():
    import passlib
    from passlib import hash as schemes

    fast = {
        'bcrypt': schemes.bcrypt.using(rounds=6),
        'bcrypt-2a': schemes.bcrypt.using(rounds=5, ident='2a'),
        'bcrypt-2y': schemes.bcrypt.using(rounds=5, ident='2y'),
        'bcrypt_sha256': schemes.bcrypt_sha256.using(rounds=5),
        'pbkdf2_sha256': schemes.pbkdf2_sha256,
        'pbkdf2_sha512': schemes.pbkdf2_sha512.using(rounds=5000),
        'pbkdf2_sha1': schemes.pbkdf2_sha1.using(rounds=5000),
        'scrypt': schemes.scrypt.using(rounds=12),
        'phpass': schemes.phpass.using(rounds=11),
        'phpass-H': schemes.phpass.using(rounds=8, ident='H'),
        'ldap_salted_sha1': schemes.ldap_salted_sha1,
        'ldap_salted_sha256': schemes.ldap_salted_sha256,
        'ldap_salted_sha512': schemes.ldap_salted_sha512,
        'sha256_crypt': schemes.sha256_crypt.using(rounds=5000),
        'sha256_crypt-rounds': schemes.sha256_crypt.using(rounds=1234, salt_size=5),
        'sha512_crypt': schemes.sha512_crypt.using(rounds=5000),
        'sha512_crypt-rounds': schemes.sha512_crypt.using(rounds=7777),
        'argon2id': schemes.argon2.using(type='ID', memory_cost=1024, rounds=2),
        'argon2i': schemes.argon2.using(type='I', memory_cost=1024, rounds=2),
        'argon2d': schemes.argon2.using(type='D', memory_cost=1024, rounds=2),
    }
    for name, scheme in fast.items():
        for password in PASSWORDS[:3]:
            add('passlib ' + passlib.__version__, name, scheme.hash(password), password)


def flask_security():
    import importlib.metadata
    import unicodedata
    from unittest.mock import MagicMock

    from flask import Flask
    from flask_security import Security
    from flask_security.utils import hash_password

    version = 'Flask-Security-Too ' + importlib.metadata.version('Flask-Security-Too')
    salt = '146585145368132386173505678016728509634'
    for scheme in ['argon2', 'bcrypt', 'pbkdf2_sha512']:
        app = Flask('vectors')
        app.config.update(SECRET_KEY='k' * 32, SECURITY_PASSWORD_SALT=salt, SECURITY_PASSWORD_HASH=scheme)
        app.config['SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS'] = {
            'argon2__memory_cost': 1024,
            'bcrypt__rounds': 5,
            'pbkdf2_sha512__rounds': 5000,
        }

        Security(app, MagicMock(), register_blueprint=False)
        with app.app_context():
            for password in [*PLAIN, PASSWORDS[3]]:
                normal = unicodedata.normalize('NFKD', password)  # as its forms do before they hash
                add(version, scheme, hash_password(normal), password, salt=salt)


def mkpasswd():
    version = subprocess.run(['mkpasswd', '--version'], capture_output=True, text=True).stdout.split('\n')[0]
    for method in ['sha256crypt', 'sha512crypt', 'bcrypt']:
        for password in PLAIN:
            stored = subprocess.run(['mkpasswd', '-m', method, '-R', '1000' if 'sha' in method else '5', '-s'],
                                    input=password, capture_output=True, text=True).stdout.strip()
            if stored:
                add(version, method, stored, password)


for library in [werkzeug, django, passlib, flask_security, mkpasswd]:
    try:
        library()
    except (ImportError, FileNotFoundError) as error:
        print(f'{library.__name__}: {error}', file=sys.stderr)

known = json.loads(FILE.read_text()) if FILE.exists() else []
sources = {one['source'] for one in made}
kept = [one for one in known if one['source'] not in sources]
FILE.write_text(json.dumps(kept + made, indent=2, ensure_ascii=False) + '\n')
print(f'{len(made)} made, {len(kept)} kept')
