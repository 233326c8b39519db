
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
CREATE TABLE `assignment_changes` (
  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  `customer_id` varchar(36) DEFAULT NULL,
  `at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  KEY `assignment_changes_at_index` (`at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

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
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `customers` (
  `id` varchar(36) NOT NULL,
  `name` varchar(200) NOT NULL,
  `time_zone` varchar(64) NOT NULL,
  `engine` varchar(16) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `suspended_at` bigint(20) DEFAULT NULL,
  `suspended_why` varchar(300) DEFAULT NULL,
  `database_server` varchar(100) DEFAULT NULL,
  `connection` mediumtext DEFAULT NULL,
  `schema_version` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `customers_name_unique` (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `customers` VALUES ('58503b2a-206a-4098-8a0a-187695b0a388','Alice Ltd','Europe/Amsterdam','mysql',1795262400000,NULL,NULL,NULL,'d6L4qjL28wu2JYNWBcTgu5q0Y2C0xbUsBT4yjFxHBRkJda2RPAe7qFRSvATGOc1nLJ8FCmHepD1P59luhHPT21goG5tOrhQJUXpXraAXsrJOGZ/433MfssdqBu4LC83/NKDiD61ZSzg01yymhB96oOD/bACgA44wOsS7GwWwTtcGBTXNok+04JDZYcTg2fT0bkASatD4plRsN2mGnCQ1zZn2lQ==',5);
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `database_servers` (
  `name` varchar(100) NOT NULL,
  `address` varchar(300) NOT NULL,
  `sealed` mediumtext NOT NULL,
  `created_at` bigint(20) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `enrolment_codes` (
  `code_hash` varchar(64) NOT NULL,
  `customer_id` varchar(36) NOT NULL,
  `location` varchar(200) NOT NULL,
  `uses_left` int(11) NOT NULL,
  `expires_at` bigint(20) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `prefix` varchar(16) DEFAULT NULL,
  `uses` int(11) DEFAULT NULL,
  `added_by` varchar(200) DEFAULT NULL,
  `withdrawn_at` bigint(20) DEFAULT NULL,
  `retire_after_ms` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`code_hash`),
  KEY `enrolment_codes_customer_id_index` (`customer_id`),
  CONSTRAINT `enrolment_codes_customer_id_foreign` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `enrolment_codes` VALUES ('ff2c168afe86d5d32834fe90b14c189b7d0d5c6ed2b47da09c34f74c32e7356a','58503b2a-206a-4098-8a0a-187695b0a388','Utrecht',1,1795266000000,1795262400000,'ra6j8',1,'command line',NULL,NULL);
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `leases` (
  `name` varchar(50) NOT NULL,
  `holder` varchar(64) NOT NULL,
  `fence` int(11) NOT NULL,
  `expires_at` bigint(20) NOT NULL,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `schema_steps` (
  `position` int(11) NOT NULL,
  `name` varchar(200) NOT NULL,
  PRIMARY KEY (`position`)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci;
/*!40101 SET character_set_client = @saved_cs_client */;

INSERT INTO `schema_steps` VALUES (1,'0001 customers, users and sentinel keys');
INSERT INTO `schema_steps` VALUES (2,'0002 changes of what sentinels are to do');
INSERT INTO `schema_steps` VALUES (3,'0003 who made a code, and who holds a key');
INSERT INTO `schema_steps` VALUES (4,'0004 sentinels that retire');
INSERT INTO `schema_steps` VALUES (5,'0005 customers that are suspended');
INSERT INTO `schema_steps` VALUES (6,'0006 where databases are');
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `sentinel_keys` (
  `key_hash` varchar(64) NOT NULL,
  `sentinel_id` varchar(36) NOT NULL,
  `customer_id` varchar(36) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `revoked_at` bigint(20) DEFAULT NULL,
  `holder` mediumtext DEFAULT NULL,
  `retire_after_ms` bigint(20) DEFAULT NULL,
  PRIMARY KEY (`key_hash`),
  KEY `sentinel_keys_sentinel_id_index` (`sentinel_id`),
  KEY `sentinel_keys_customer_id_index` (`customer_id`),
  CONSTRAINT `sentinel_keys_customer_id_foreign` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `sessions` (
  `token_hash` varchar(64) NOT NULL,
  `user_id` varchar(36) NOT NULL,
  `csrf_token` varchar(64) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  `last_seen_at` bigint(20) NOT NULL,
  PRIMARY KEY (`token_hash`),
  KEY `sessions_user_id_index` (`user_id`),
  KEY `sessions_last_seen_at_index` (`last_seen_at`),
  CONSTRAINT `sessions_user_id_foreign` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `sign_in_failures` (
  `account` varchar(200) NOT NULL,
  `source` varchar(64) NOT NULL,
  `failures` int(11) NOT NULL,
  `last_at` bigint(20) NOT NULL,
  `locked_until` bigint(20) NOT NULL,
  PRIMARY KEY (`account`,`source`),
  KEY `sign_in_failures_last_at_index` (`last_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `users` (
  `id` varchar(36) NOT NULL,
  `name` varchar(200) NOT NULL,
  `role` varchar(16) NOT NULL,
  `customer_id` varchar(36) DEFAULT NULL,
  `password_hash` varchar(100) NOT NULL,
  `created_at` bigint(20) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `users_name_unique` (`name`),
  KEY `users_customer_id_index` (`customer_id`),
  CONSTRAINT `users_customer_id_foreign` FOREIGN KEY (`customer_id`) REFERENCES `customers` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin;
/*!40101 SET character_set_client = @saved_cs_client */;

/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;

/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;

