"""The view that shows what authentication costs: it does nothing else."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class Trivial(APIView):
    """Says who calls."""

    def get(self, request: Request) -> Response:
        """Answer from memory; the anonymous, and the bearers of a mere key, are nobody."""
        return Response({"who": getattr(request.user, "pk", None)})
