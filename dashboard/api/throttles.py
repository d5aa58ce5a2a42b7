from rest_framework.throttling import AnonRateThrottle


class Burst(AnonRateThrottle):
    scope = "burst"


class Sustained(AnonRateThrottle):
    scope = "sustained"
