"""What a browser calls itself (User-Agent, RFC 9110 section 10.1.5), in two words; anybody may write anything there."""

from ua_parser import parse


def called(agent: str) -> str:
    """Return such as “Firefox · Windows”; what nobody knows as it is."""
    found = parse(agent)
    known = [found.user_agent and found.user_agent.family, found.os and found.os.family]
    return " · ".join(name for name in known if name) or agent
