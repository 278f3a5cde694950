"""Makes flask-sessions.json: session cookies as Flask itself writes them, and others signed by itsdangerous.

Run with a Python that has Flask:

    python3 make-flask.py
"""

import importlib.metadata
import json
import pathlib
import time
from unittest import mock

from flask import Flask, session
from itsdangerous import URLSafeTimedSerializer

FILE = pathlib.Path(__file__).with_name('flask-sessions.json')
SECRET = 'an old secret that signed cookies'
AT = 1_780_000_000
made = []


def cookie_of(values):
    app = Flask(__name__)
    app.secret_key = SECRET

    @app.route('/')
    def index():
        session.update(values)
        return ''

    with mock.patch.object(time, 'time', lambda: AT):
        return app.test_client().get('/').headers['Set-Cookie'].split(';')[0].split('=', 1)[1]


flask = 'Flask ' + importlib.metadata.version('flask')
for name, values in {
    'Flask-Login': {'_user_id': '5', '_fresh': True, '_id': 'a' * 128},
    'deflated': {'_user_id': '5', 'cart': ['the same thing again'] * 40},
    'nobody': {'visited': 3},
}.items():
    made.append({'source': flask, 'name': name, 'cookie': cookie_of(values), 'keyDerivation': 'hmac', 'digest': 'sha1', 'value': values})

itsdangerous = 'itsdangerous ' + importlib.metadata.version('itsdangerous')
for derivation in ('hmac', 'concat', 'django-concat', 'none'):
    for digest in ('sha1', 'sha256', 'sha512'):
        import hashlib

        signer = {'key_derivation': derivation, 'digest_method': getattr(hashlib, digest)}
        serializer = URLSafeTimedSerializer(SECRET, salt='cookie-session', signer_kwargs=signer)
        with mock.patch.object(time, 'time', lambda: AT):
            text = serializer.dumps({'_user_id': 'ünï-5'})
        made.append({'source': itsdangerous, 'name': f'{derivation} {digest}', 'cookie': text, 'keyDerivation': derivation, 'digest': digest, 'value': {'_user_id': 'ünï-5'}})

FILE.write_text(json.dumps({'secret': SECRET, 'at': AT, 'made': made}, indent=2, ensure_ascii=False) + '\n')
