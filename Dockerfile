# One image for web, worker, beat and migrations; which of them is the command's business.
FROM python:3.13-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock .
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MODE=production VAR_DIR=/app/var
RUN useradd --system --uid 10001 --no-create-home tracker
WORKDIR /app
COPY --from=build /venv /venv
COPY manage.py ./
COPY config config
COPY commitments commitments
COPY projects projects
COPY tariffs tariffs
COPY dashboard dashboard
COPY templates templates
COPY fixtures fixtures
RUN MODE=embedded python manage.py collectstatic --noinput --verbosity 0 \
    && rm -f var/secret_key && chown -R tracker var
USER tracker
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "3", "--no-control-socket", "--access-logfile", "-"]
