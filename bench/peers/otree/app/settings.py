"""An oTree project with one app; everything else as `otree startproject` leaves it."""

SESSION_CONFIGS = [{"name": "checkup", "app_sequence": ["checkup"], "num_demo_participants": 1}]
SESSION_CONFIG_DEFAULTS = {
    "real_world_currency_per_point": 1.0,
    "participation_fee": 0.0,
    "doc": "",
}
PARTICIPANT_FIELDS = []
SESSION_FIELDS = []
LANGUAGE_CODE = "en"
REAL_WORLD_CURRENCY_CODE = "USD"
USE_POINTS = True
ADMIN_USERNAME = "admin"
ADMIN_PASSWORD = "bench"
SECRET_KEY = "bench"
