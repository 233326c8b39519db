
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `audit` (
  `id` int(11) NOT NULL,
  `at` bigint(20) NOT NULL,
  `actor_kind` varchar(20) NOT NULL,
  `actor_id` varchar(100) DEFAULT NULL,
  `actor_name` varchar(200) DEFAULT NULL,
  `action` varchar(100) NOT NULL,
  `subject` varchar(300) DEFAULT NULL,
  `detail` mediumtext DEFAULT NULL,
  `previous_hash` varchar(64) NOT NULL,
  `hash` varchar(64) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `audit_at_index` (`at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `audit` VALUES (1,1795262400000,'server',NULL,'command line','customer-added','Alice Ltd','{\"id\":\"58503b2a-206a-4098-8a0a-187695b0a388\"}','0000000000000000000000000000000000000000000000000000000000000000','031fc758d2a5f73f6664e662fca2239b64651682ed658b58c298d7128a7ea579');
INSERT INTO `audit` VALUES (2,1795262400000,'server',NULL,'command line','enrolment-code-added','Utrecht','{\"uses\":1,\"expiresAt\":1795266000000}','031fc758d2a5f73f6664e662fca2239b64651682ed658b58c298d7128a7ea579','c0e4310d651010a147708fb9c0d2cf82bba131f8be0e02da8f6c917e6c92012c');
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `calendar` (
  `id` int(11) NOT NULL,
  `time_zone` varchar(100) NOT NULL,
  `business_hours` varchar(500) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `closed_hours` (
  `monitor_id` varchar(36) NOT NULL,
  `until` bigint(20) NOT NULL,
  PRIMARY KEY (`monitor_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `day_rollups` (
  `monitor_id` varchar(36) NOT NULL,
  `scope` varchar(10) NOT NULL,
  `business` int(11) NOT NULL,
  `transaction_id` int(11) NOT NULL,
  `day` bigint(20) NOT NULL,
  `place` varchar(36) NOT NULL,
  `passed` int(11) NOT NULL,
  `failed` int(11) NOT NULL,
  `errored` int(11) NOT NULL,
  `skipped` int(11) NOT NULL,
  `codes` text NOT NULL,
  `count` int(11) NOT NULL,
  `sum_us` bigint(20) NOT NULL,
  `min_us` bigint(20) DEFAULT NULL,
  `max_us` bigint(20) DEFAULT NULL,
  `sketch` mediumblob NOT NULL,
  `told` text DEFAULT NULL,
  `lost` int(11) NOT NULL,
  PRIMARY KEY (`monitor_id`,`scope`,`business`,`transaction_id`,`day`,`place`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `dirty_hours` (
  `hour` bigint(20) NOT NULL,
  `monitor_id` varchar(36) NOT NULL,
  `sentinel_id` varchar(36) NOT NULL,
  `marks` int(11) NOT NULL,
  PRIMARY KEY (`hour`,`monitor_id`,`sentinel_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `evidence` (
  `run_id` binary(16) NOT NULL,
  `position` int(11) NOT NULL,
  `kind` varchar(20) NOT NULL,
  `sent_sha256` varchar(64) NOT NULL,
  `stored_sha256` varchar(64) DEFAULT NULL,
  `media_type` varchar(100) NOT NULL,
  `bytes` int(11) NOT NULL,
  `width` int(11) DEFAULT NULL,
  `height` int(11) DEFAULT NULL,
  PRIMARY KEY (`run_id`,`position`),
  KEY `evidence_by_sent` (`sent_sha256`),
  KEY `evidence_by_stored` (`stored_sha256`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin
 PARTITION BY RANGE  COLUMNS(`run_id`)
(PARTITION `earlier` VALUES LESS THAN (_binary 0x01a0f4c2c40000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202610` VALUES LESS THAN (_binary 0x01a19467e80000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202611` VALUES LESS THAN (_binary 0x01a22ee6b00000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202612` VALUES LESS THAN (_binary 0x01a2ce8bd40000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202701` VALUES LESS THAN (_binary 0x01a36e30f80000000000000000000000) ENGINE = InnoDB,
 PARTITION `later` VALUES LESS THAN (MAXVALUE) ENGINE = InnoDB);
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `locations` (
  `id` varchar(36) NOT NULL,
  `name` varchar(200) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `locations_name_unique` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `locations` VALUES ('22222222-2222-4222-8222-222222222222','Location 22222222-2222-4222-8222-222222222222');
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `monitor_schedules` (
  `monitor_id` varchar(36) NOT NULL,
  `from_at` bigint(20) NOT NULL,
  `every_ms` int(11) NOT NULL,
  `cron` varchar(200) DEFAULT NULL,
  `hours` varchar(500) DEFAULT NULL,
  `time_zone` varchar(100) DEFAULT NULL,
  `paused` int(11) NOT NULL,
  PRIMARY KEY (`monitor_id`,`from_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `monitor_sentinels` (
  `monitor_id` varchar(36) NOT NULL,
  `sentinel_id` varchar(36) NOT NULL,
  PRIMARY KEY (`monitor_id`,`sentinel_id`),
  KEY `monitor_sentinels_sentinel_id_foreign` (`sentinel_id`),
  CONSTRAINT `monitor_sentinels_monitor_id_foreign` FOREIGN KEY (`monitor_id`) REFERENCES `monitors` (`id`),
  CONSTRAINT `monitor_sentinels_sentinel_id_foreign` FOREIGN KEY (`sentinel_id`) REFERENCES `sentinels` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `monitors` (
  `id` varchar(36) NOT NULL,
  `name` varchar(200) NOT NULL,
  `script_id` varchar(36) NOT NULL,
  `script_version` int(11) NOT NULL,
  `every_ms` int(11) NOT NULL,
  `timeout_ms` int(11) NOT NULL,
  `use` mediumtext NOT NULL,
  `variables` mediumtext NOT NULL,
  `secrets` mediumtext NOT NULL,
  `mask_selectors` mediumtext NOT NULL,
  `thresholds` mediumtext DEFAULT NULL,
  `paused` int(11) NOT NULL DEFAULT 0,
  `created_at` bigint(20) NOT NULL,
  `policy` mediumtext DEFAULT NULL,
  `cron` varchar(200) DEFAULT NULL,
  `hours` varchar(500) DEFAULT NULL,
  `time_zone` varchar(100) DEFAULT NULL,
  `run_now_id` varchar(36) DEFAULT NULL,
  `run_now_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `monitors_name_unique` (`name`),
  KEY `monitors_script_id_foreign` (`script_id`),
  CONSTRAINT `monitors_script_id_foreign` FOREIGN KEY (`script_id`) REFERENCES `scripts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `monitors` VALUES ('33333333-3333-4333-8333-333333333333','Wéb shop 🔑','240fafd7-aa3c-4301-a6b6-6311ead439bf',1,60000,30000,'{\"baseURL\":\"https://shop.test/\"}','{}','[]','[]',NULL,0,0,NULL,NULL,NULL,NULL,NULL,NULL);
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `rejected_runs` (
  `sentinel_id` varchar(36) NOT NULL,
  `run_id` binary(16) NOT NULL,
  `at` bigint(20) NOT NULL,
  `reason` varchar(500) NOT NULL,
  PRIMARY KEY (`sentinel_id`,`run_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `requested_runs` (
  `monitor_id` varchar(36) NOT NULL,
  `started_at` bigint(20) NOT NULL,
  `run_id` binary(16) NOT NULL,
  `sentinel_id` varchar(36) NOT NULL,
  `request_id` varchar(36) NOT NULL,
  PRIMARY KEY (`monitor_id`,`started_at`,`run_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `rollups` (
  `monitor_id` varchar(36) NOT NULL,
  `hour` bigint(20) NOT NULL,
  `transaction_id` int(11) NOT NULL,
  `sentinel_id` varchar(36) NOT NULL,
  `location_id` varchar(36) NOT NULL,
  `passed` int(11) NOT NULL,
  `failed` int(11) NOT NULL,
  `errored` int(11) NOT NULL,
  `skipped` int(11) NOT NULL,
  `codes` text NOT NULL,
  `count` int(11) NOT NULL,
  `sum_us` bigint(20) NOT NULL,
  `min_us` bigint(20) DEFAULT NULL,
  `max_us` bigint(20) DEFAULT NULL,
  `sketch` mediumblob NOT NULL,
  `expected` int(11) NOT NULL DEFAULT 0,
  `requested` int(11) NOT NULL DEFAULT 0,
  `told` text DEFAULT NULL,
  PRIMARY KEY (`monitor_id`,`hour`,`transaction_id`,`sentinel_id`,`location_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `rollups` VALUES ('33333333-3333-4333-8333-333333333333',1795262400000,0,'11111111-1111-4111-8111-111111111111','22222222-2222-4222-8222-222222222222',1,1,0,0,'{\"ASSERTION\":1}',1,900000,900000,900000,0xAF0501,0,0,NULL);
INSERT INTO `rollups` VALUES ('33333333-3333-4333-8333-333333333333',1795262400000,1,'11111111-1111-4111-8111-111111111111','22222222-2222-4222-8222-222222222222',2,0,0,0,'{}',2,500000,250000,250000,0xEF0402,0,0,NULL);
INSERT INTO `rollups` VALUES ('33333333-3333-4333-8333-333333333333',1795262400000,2,'11111111-1111-4111-8111-111111111111','22222222-2222-4222-8222-222222222222',1,1,0,0,'{\"ASSERTION\":1}',1,250000,250000,250000,0xEF0401,0,0,NULL);
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `run_details` (
  `run_id` binary(16) NOT NULL,
  `facts` mediumtext NOT NULL,
  PRIMARY KEY (`run_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin
 PARTITION BY RANGE  COLUMNS(`run_id`)
(PARTITION `earlier` VALUES LESS THAN (_binary 0x01a0f4c2c40000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202610` VALUES LESS THAN (_binary 0x01a19467e80000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202611` VALUES LESS THAN (_binary 0x01a22ee6b00000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202612` VALUES LESS THAN (_binary 0x01a2ce8bd40000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202701` VALUES LESS THAN (_binary 0x01a36e30f80000000000000000000000) ENGINE = InnoDB,
 PARTITION `later` VALUES LESS THAN (MAXVALUE) ENGINE = InnoDB);
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `runs` (
  `id` binary(16) NOT NULL,
  `monitor_id` varchar(36) NOT NULL,
  `sentinel_id` varchar(36) NOT NULL,
  `location_id` varchar(36) NOT NULL,
  `script_sha256` varchar(64) NOT NULL,
  `script_version` int(11) NOT NULL,
  `due_at` bigint(20) NOT NULL,
  `started_at` bigint(20) NOT NULL,
  `sentinel_started_at` bigint(20) NOT NULL,
  `received_at` bigint(20) NOT NULL,
  `clock_offset_ms` bigint(20) DEFAULT NULL,
  `duration_us` bigint(20) NOT NULL,
  `outcome` varchar(10) NOT NULL,
  `error_code` varchar(30) DEFAULT NULL,
  `error_message` mediumtext DEFAULT NULL,
  `error_location` text DEFAULT NULL,
  `reason` varchar(500) DEFAULT NULL,
  `evidence_missing` varchar(500) DEFAULT NULL,
  `sandbox_level` int(11) DEFAULT NULL,
  `browser` varchar(200) DEFAULT NULL,
  `content_hash` binary(32) NOT NULL,
  `retry_of` binary(16) DEFAULT NULL,
  `retried_by` binary(16) DEFAULT NULL,
  `counts` int(11) NOT NULL DEFAULT 1,
  PRIMARY KEY (`id`),
  KEY `runs_by_monitor` (`monitor_id`,`started_at`),
  KEY `runs_by_sentinel` (`monitor_id`,`sentinel_id`,`started_at`),
  KEY `runs_by_outcome` (`monitor_id`,`outcome`,`started_at`,`sentinel_id`,`counts`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin
 PARTITION BY RANGE  COLUMNS(`id`)
(PARTITION `earlier` VALUES LESS THAN (_binary 0x01a0f4c2c40000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202610` VALUES LESS THAN (_binary 0x01a19467e80000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202611` VALUES LESS THAN (_binary 0x01a22ee6b00000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202612` VALUES LESS THAN (_binary 0x01a2ce8bd40000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202701` VALUES LESS THAN (_binary 0x01a36e30f80000000000000000000000) ENGINE = InnoDB,
 PARTITION `later` VALUES LESS THAN (MAXVALUE) ENGINE = InnoDB);
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `runs` VALUES (0x01A1FDFA460077E0953CA641DC145B4F,'33333333-3333-4333-8333-333333333333','11111111-1111-4111-8111-111111111111','22222222-2222-4222-8222-222222222222','abababababababababababababababababababababababababababababababab',1,1795262400000,1795262400000,1795262400000,1795262461000,NULL,900000,'passed',NULL,NULL,NULL,NULL,NULL,3,'Chromium 140',0x5B4A83F273C1744C7FA685FF5BFF41FAEE8C0C0E7BD0A20FD906F93B537ABFBA,NULL,NULL,1);
INSERT INTO `runs` VALUES (0x01A1FDFB30607004A39F4F80250E2DDC,'33333333-3333-4333-8333-333333333333','11111111-1111-4111-8111-111111111111','22222222-2222-4222-8222-222222222222','abababababababababababababababababababababababababababababababab',1,1795262460000,1795262460000,1795262460000,1795262461000,NULL,900000,'failed','ASSERTION','the heading Welcome was not there',NULL,NULL,NULL,3,'Chromium 140',0xA6864B800FC250AF529F466C3CF97873E9305F8A9E858CEA149402A08E882FAD,NULL,NULL,1);
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `schema_steps` (
  `position` int(11) NOT NULL,
  `name` varchar(200) NOT NULL,
  PRIMARY KEY (`position`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `schema_steps` VALUES (1,'001-first-tables');
INSERT INTO `schema_steps` VALUES (2,'002-retries-details-policies');
INSERT INTO `schema_steps` VALUES (3,'003-schedules-and-skips');
INSERT INTO `schema_steps` VALUES (4,'004-partitions');
INSERT INTO `schema_steps` VALUES (5,'005-days-and-expected-runs');
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `script_versions` (
  `script_id` varchar(36) NOT NULL,
  `version` int(11) NOT NULL,
  `sha256` varchar(64) NOT NULL,
  `statement` mediumtext NOT NULL,
  `signature` varchar(200) NOT NULL,
  `bundle` longtext NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `author` varchar(200) NOT NULL,
  PRIMARY KEY (`script_id`,`version`),
  KEY `script_versions_sha256_index` (`sha256`),
  CONSTRAINT `script_versions_script_id_foreign` FOREIGN KEY (`script_id`) REFERENCES `scripts` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `scripts` (
  `id` varchar(36) NOT NULL,
  `name` varchar(300) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `scripts_name_unique` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `scripts` VALUES ('240fafd7-aa3c-4301-a6b6-6311ead439bf','240fafd7-aa3c-4301-a6b6-6311ead439bf.spec.ts');
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `sentinels` (
  `id` varchar(36) NOT NULL,
  `name` varchar(200) NOT NULL,
  `location_id` varchar(36) NOT NULL,
  `platform` varchar(50) NOT NULL,
  `version` varchar(50) NOT NULL,
  `enrolled_at` bigint(20) NOT NULL,
  `last_seen_at` bigint(20) DEFAULT NULL,
  `boot_id` varchar(100) DEFAULT NULL,
  `counter` bigint(20) DEFAULT NULL,
  `heartbeat` mediumtext DEFAULT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `sentinels_location_id_foreign` (`location_id`),
  CONSTRAINT `sentinels_location_id_foreign` FOREIGN KEY (`location_id`) REFERENCES `locations` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `sentinels` VALUES ('11111111-1111-4111-8111-111111111111','desk-12','22222222-2222-4222-8222-222222222222','linux','0.1.0',0,NULL,NULL,NULL,NULL,NULL);
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `skips` (
  `monitor_id` varchar(36) NOT NULL,
  `sentinel_id` varchar(36) NOT NULL,
  `sentinel_from_at` bigint(20) NOT NULL,
  `from_at` bigint(20) NOT NULL,
  `to_at` bigint(20) NOT NULL,
  `reason` varchar(30) NOT NULL,
  `count` int(11) NOT NULL,
  `received_at` bigint(20) NOT NULL,
  PRIMARY KEY (`monitor_id`,`sentinel_id`,`sentinel_from_at`),
  KEY `skips_by_end` (`monitor_id`,`to_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `transaction_results` (
  `transaction_id` int(11) NOT NULL,
  `started_at` bigint(20) NOT NULL,
  `run_id` binary(16) NOT NULL,
  `position` int(11) NOT NULL,
  `start_us` bigint(20) NOT NULL,
  `duration_us` bigint(20) NOT NULL,
  `response_us` bigint(20) DEFAULT NULL,
  `outcome` varchar(10) NOT NULL,
  `error_code` varchar(30) DEFAULT NULL,
  `error_message` mediumtext DEFAULT NULL,
  `error_location` text DEFAULT NULL,
  `reason` varchar(500) DEFAULT NULL,
  PRIMARY KEY (`transaction_id`,`started_at`,`run_id`,`position`),
  KEY `results_by_run` (`run_id`,`position`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin
 PARTITION BY RANGE  COLUMNS(`run_id`)
(PARTITION `earlier` VALUES LESS THAN (_binary 0x01a0f4c2c40000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202610` VALUES LESS THAN (_binary 0x01a19467e80000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202611` VALUES LESS THAN (_binary 0x01a22ee6b00000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202612` VALUES LESS THAN (_binary 0x01a2ce8bd40000000000000000000000) ENGINE = InnoDB,
 PARTITION `p202701` VALUES LESS THAN (_binary 0x01a36e30f80000000000000000000000) ENGINE = InnoDB,
 PARTITION `later` VALUES LESS THAN (MAXVALUE) ENGINE = InnoDB);
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `transaction_results` VALUES (1,1795262400000,0x01A1FDFA460077E0953CA641DC145B4F,0,0,400000,250000,'passed',NULL,NULL,NULL,NULL);
INSERT INTO `transaction_results` VALUES (1,1795262460000,0x01A1FDFB30607004A39F4F80250E2DDC,0,0,400000,250000,'passed',NULL,NULL,NULL,NULL);
INSERT INTO `transaction_results` VALUES (2,1795262400000,0x01A1FDFA460077E0953CA641DC145B4F,1,400000,400000,250000,'passed',NULL,NULL,NULL,NULL);
INSERT INTO `transaction_results` VALUES (2,1795262460000,0x01A1FDFB30607004A39F4F80250E2DDC,1,400000,400000,NULL,'failed','ASSERTION','the heading Welcome was not there',NULL,NULL);
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `transactions` (
  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,
  `monitor_id` varchar(36) NOT NULL,
  `name` varchar(500) NOT NULL,
  `position` int(11) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `transactions_monitor_id_name_unique` (`monitor_id`,`name`)
) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `transactions` VALUES (1,'33333333-3333-4333-8333-333333333333','Open',0);
INSERT INTO `transactions` VALUES (2,'33333333-3333-4333-8333-333333333333','Login',1);
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

